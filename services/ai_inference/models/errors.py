"""Refusals about the models that a caller can act on."""
