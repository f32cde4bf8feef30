"""The tables of the prices."""
