"""Personal API tokens: so far their table alone."""
