"""Pictures taken where a video's scene changes."""
