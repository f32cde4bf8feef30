"""The RSA keys that sign access tokens, and their rotation."""
