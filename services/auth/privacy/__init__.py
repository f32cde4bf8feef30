"""People's own data: the end of an account, and a copy of all that the services hold."""
