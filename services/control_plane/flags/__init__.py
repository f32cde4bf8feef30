"""The flags of control-plane."""
