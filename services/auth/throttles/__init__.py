"""How often somebody may guess a password, and the places that an account is known to sign in from."""
