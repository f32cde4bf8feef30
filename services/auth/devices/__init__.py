"""Sessions as their person sees them: on which devices they are signed in, and how to end that."""
