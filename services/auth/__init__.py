"""Who people are and how they stay signed in.

Owns schema `auth` (accounts, organizations and their members, sessions with their refresh tokens, signing keys,
second factors, API tokens and keys) and the RPCs of orrery.auth.v1. Publishes orrery.auth.accounts.v1,
orrery.auth.sessions.v1 and orrery.auth.second_factors.v1. Consumes nothing, calls nobody, and shows no password,
refresh token or private key: they are stored hashed or encrypted.
"""
