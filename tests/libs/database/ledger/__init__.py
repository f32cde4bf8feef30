"""A service of the tests: one table under row-level security, an outbox and an inbox."""
