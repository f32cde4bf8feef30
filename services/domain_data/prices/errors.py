"""Refusals about the prices that a caller can act on."""
