"""Invitations: joining an organization by a token that was mailed, good once."""
