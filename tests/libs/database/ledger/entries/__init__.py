"""What is noted."""
