"""Every SELECT of the models."""
