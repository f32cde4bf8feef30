"""Events that wait: in each service's outbox, and in the dead-letter topics of consumers."""
