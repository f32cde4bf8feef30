"""How long the certificates in a folder are good."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography import x509

from admin.certificates.material import begins, ends, is_due
from admin.doctor.finding import Finding, fail, ok, warn

KUBERNETES_OWN = ".."  # a mounted volume is links into `..data`, which it exchanges whole
ADVICE = "run `orrery secrets make` (the certificates CronJob): did it fail?"


def examine(folder: Path, now: datetime) -> Iterator[Finding]:
    files = sorted(file for file in folder.glob("*/tls.crt") if not file.parent.name.startswith(KUBERNETES_OWN))
    if not files:
        yield warn("certificates", f"there is no */tls.crt in {folder}", "mend ORRERY_CERTIFICATES")
    for file in files:
        yield one(file, str(file.relative_to(folder).parent), now)


def one(file: Path, name: str, now: datetime) -> Finding:
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
    except (OSError, ValueError) as unreadable:
        return fail("certificates", f"{name}: {unreadable}", ADVICE)
    if begins(certificate) > now:
        return fail("certificates", f"{name} is good only from {begins(certificate):%F}: whose clock is wrong?", ADVICE)
    left = ends(certificate) - now
    if left.total_seconds() <= 0:
        return fail("certificates", f"{name} has expired on {ends(certificate):%F}", ADVICE)
    if is_due(certificate, now):
        return warn("certificates", f"{name} ends in {left.days} days, less than a third of its life", ADVICE)
    return ok("certificates", f"{name} is good for {left.days} days")
