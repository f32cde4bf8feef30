"""Refusals about the flags that a caller can act on."""
