"""Every SELECT of the prices."""
