"""Whose an API token or API key is, for gateways that were shown one."""
