"""Codes of authenticator apps: RFC 6238 with SHA-1, six digits and 30 seconds, the one form that every app reads."""

import hmac
from datetime import datetime

import pyotp
import segno

STEP_SECONDS = 30
DRIFT = 1  # steps that a phone's clock may be off, and that typing may take
PIXELS = 5  # a module of the QR code


def make_secret() -> str:
    """160 random bits (RFC 4226 §4) in base32."""
    return pyotp.random_base32()


def matching_step(secret: str, code: str, moment: datetime) -> int | None:
    """The newest of the steps around the moment that the code belongs to; None where it belongs to none."""
    now, codes = int(moment.timestamp()) // STEP_SECONDS, pyotp.HOTP(secret)
    given = code.encode()
    steps = range(now - DRIFT, now + DRIFT + 1)
    matching = [step for step in steps if hmac.compare_digest(codes.at(step).encode(), given)]
    return max(matching, default=None)


def uri(secret: str, name: str, issuer: str) -> str:
    """What the QR code says: an otpauth:// URI; apps show the issuer and the name."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def picture(text: str) -> str:
    """A QR code of the text as a data URI of an SVG, dark on white. Takes some 15 ms of a core."""
    return segno.make_qr(text, error="m").svg_data_uri(scale=PIXELS, light="white")
