"""Accounts at streaming platforms: linking them by OAuth 2.0, and keeping their tokens sealed."""
