"""Accounts: registering, passwords, and what people say of themselves."""
