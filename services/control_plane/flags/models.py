"""The tables of the flags."""
