"""Everything that the fleet stands on, looked at once; each finding says what to do."""
