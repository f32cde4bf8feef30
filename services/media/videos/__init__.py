"""Videos: uploading, processing, reading, changing, deleting."""
