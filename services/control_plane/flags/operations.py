"""What is done with the flags: a session and values in, models out, and no transport known."""
