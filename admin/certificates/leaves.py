"""A certificate's secret and its next step; keys as cert-manager names them (tls.crt, tls.key, ca.crt)."""

from collections.abc import Mapping
from datetime import datetime

from cryptography import x509
from cryptography.x509 import DNSName, SubjectAlternativeName

from admin.certificates.authority import AUTHORITIES, CERTIFICATE, KEY, PREVIOUS, Changes, Data, Lives, trusted
from admin.certificates.material import Pair, begins, ends, is_due, is_signed_by, make_leaf


def step(held: Data, names: list[str], authority: Data, lives: Lives, now: datetime) -> tuple[Changes, str]:
    """What to change in a certificate's secret, and the sentence for it; nothing on most days."""
    roots = trusted(authority)
    reason = why_due(held, names, authority, now)
    if not reason:
        stale = held.get(AUTHORITIES) != roots
        return ({AUTHORITIES: roots}, "kept; trusts other authorities now") if stale else ({}, "kept")
    made = make_leaf(names, Pair.read(authority[CERTIFICATE], authority[KEY]), lives.leaf, now)
    verb = "renewed" if held else "made"
    changes: Changes = {CERTIFICATE: made.certificate_pem, KEY: made.key_pem, AUTHORITIES: roots}
    return changes, f"{verb}, good until {ends(made.certificate):%F}{f' ({reason})' if held else ''}"


def why_due(held: Mapping[str, bytes], names: list[str], authority: Data, now: datetime) -> str:
    """Why a new certificate is needed; empty where none is."""
    if CERTIFICATE not in held or KEY not in held:
        return "there was none"
    try:
        certificate = Pair.read(held[CERTIFICATE], held[KEY]).certificate
    except ValueError:
        return "the old one was unusable"
    if not any(is_signed_by(certificate, one) for one in signers(authority)):
        return "its authority is gone"
    if set(dns_names(certificate)) != set(names):
        return "its names changed"
    if begins(certificate) > now:
        return f"the old one begins only on {begins(certificate):%F}"
    if ends(certificate) <= now:
        return "the old one had expired"
    return "the old one was near its end" if is_due(certificate, now) else ""


def signers(authority: Data) -> list[x509.Certificate]:
    return [x509.load_pem_x509_certificate(authority[key]) for key in (CERTIFICATE, PREVIOUS) if key in authority]


def dns_names(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return found.value.get_values_for_type(DNSName)
