"""Signing in through other issuers (OpenID Connect), and believing the access tokens of those that are trusted."""
