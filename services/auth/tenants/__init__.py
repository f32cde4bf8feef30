"""Tenants: organizations as the chat's applications see them."""
