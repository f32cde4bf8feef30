"""The prices of domain-data."""
