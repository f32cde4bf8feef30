"""The audit log: each event of the fleet is one row, without code per event."""
