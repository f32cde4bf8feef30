"""TOTP secrets, PINs, and the log of payment authorisations: so far their tables alone."""
