"""Every SELECT of the flags."""
