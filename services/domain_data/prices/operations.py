"""What is done with the prices: a session and values in, models out, and no transport known."""
