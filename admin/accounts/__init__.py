"""Accounts that nobody can make over the network."""
