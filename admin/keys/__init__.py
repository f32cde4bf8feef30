"""The keys that auth keeps in its database: those that sign tokens, and the data keys that seal secrets."""
