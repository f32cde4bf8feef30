"""Brings every schema to what this image's services expect."""
