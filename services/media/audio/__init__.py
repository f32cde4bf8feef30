"""What a video sounds like, segment by segment."""
