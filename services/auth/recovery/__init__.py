"""Proving e-mail addresses, and changing addresses and passwords."""
