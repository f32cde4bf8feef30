"""Sessions: signing in, staying in by refresh tokens, signing out."""
