"""What is done with the models: a session and values in, models out, and no transport known."""
