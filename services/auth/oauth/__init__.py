"""OAuth 2.0 and OpenID Connect: third-party apps sign people in and act for them, as far as people allowed it."""
