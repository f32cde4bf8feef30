"""Roles: ADMIN, OPERATOR and an organization's own, and what they permit."""
