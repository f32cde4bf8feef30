"""Passkeys: signing in by a device's own key (WebAuthn Level 3)."""
