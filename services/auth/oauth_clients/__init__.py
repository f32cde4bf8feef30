"""Third-party apps (OAuth clients) as organizations register them, and what people have allowed each."""
