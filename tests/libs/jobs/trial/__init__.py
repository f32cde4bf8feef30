"""A service that has jobs and one table for their effects."""
