"""A process's certificate, key and authority: PEM files that are renewed while it runs.

What is in use is always one whole: files that do not fit each other (a renewal half written, a key of another
certificate) are passed over until they do. Kubernetes replaces all of a mounted secret's files by one symbolic link.
"""

import datetime as dt
import threading
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificates
from prometheus_client import Gauge

from libs.errors import CannotStart
from libs.settings import TlsSettings
from libs.telemetry import Answer, No, get_logger

log = get_logger(__name__)
EXPIRES = Gauge(
    "orrery_certificate_expires_timestamp_seconds",
    "When what is in use of a file ends, in Unix time; of an authority its last certificate.",
    ["file"],
)
UNFIT = Gauge(
    "orrery_certificate_files_unfit", "1 while a file on disk cannot be used and an earlier state of it is.", ["file"]
)
Look = tuple[tuple[int, int, int, int], ...]


class WrongCertificate(CannotStart):
    """Mutual TLS cannot begin with these files; one line names the file."""


class Unfit(ValueError):
    """A file that cannot be used, in a sentence."""


@dataclass(frozen=True, slots=True)
class Material:
    """The three files' bytes, which fit each other."""

    authority: bytes
    key: bytes
    certificate: bytes
    ends: dt.datetime  # of the certificate
    authority_ends: dt.datetime

    @property
    def is_over(self) -> bool:
        return min(self.ends, self.authority_ends) <= dt.datetime.now(dt.UTC)


class Certificates:
    """The files of `tls`, which is mutual, as they are now. Raises WrongCertificate where they cannot be used yet."""

    def __init__(self, tls: TlsSettings) -> None:
        self._authority, self._key, self._certificate = paths(tls)
        self._lock = threading.Lock()  # a server is asked by threads of gRPC
        self._told: set[str] = set()
        try:
            self._seen = self._look()
            self._material = self._read()
        except Unfit as wrong:
            raise WrongCertificate(str(wrong)) from None
        self._show()

    def latest(self) -> Material:
        """What is to be used now; the same object until the files were renewed. Cheap: three stat()."""
        with self._lock:
            try:
                self._renew()
            except Unfit as wrong:
                self._tell(str(wrong))
            return self._material

    async def are_valid(self) -> Answer:
        """Whether what is in use has not expired; logged once where it has."""
        material = self.latest()
        if not material.is_over:
            return True
        file, ends = min(
            (self._certificate, material.ends), (self._authority, material.authority_ends), key=itemgetter(1)
        )
        reason = f"{file} expired on {ends:%Y-%m-%d %H:%M} UTC and was not renewed."
        with self._lock:
            self._tell(reason)
        return No(reason)

    def _renew(self) -> None:
        seen = self._look()
        if seen == self._seen:
            self._forget()
            return
        found = self._read()
        if seen != self._look():  # replaced while being read
            return
        self._seen = seen
        self._told.clear()
        if found != self._material:
            self._material = found
            log.info("certificate_renewed", file=str(self._certificate), ends=found.ends.isoformat())
        self._show()

    def _look(self) -> Look:
        files = (self._authority, self._key, self._certificate)
        try:
            stats = [file.stat() for file in files]
        except OSError as failure:
            raise Unfit(f"{failure.filename} cannot be read: {failure.strerror}.") from None
        return tuple((one.st_dev, one.st_ino, one.st_mtime_ns, one.st_size) for one in stats)

    def _read(self) -> Material:
        authority, key, certificate = (content(file) for file in (self._authority, self._key, self._certificate))
        chain = certificates_in(self._certificate, certificate)
        if public_key(self._certificate, chain[0]) != private_key(self._key, key).public_key():
            raise Unfit(f"{self._key} is not the key of {self._certificate}.")
        ends = min(one.not_valid_after_utc for one in chain)
        authority_ends = max(one.not_valid_after_utc for one in certificates_in(self._authority, authority))
        for file, end in ((self._certificate, ends), (self._authority, authority_ends)):
            if end <= dt.datetime.now(dt.UTC):
                raise Unfit(f"{file} expired on {end:%Y-%m-%d %H:%M} UTC.")
        return Material(authority, key, certificate, ends, authority_ends)

    def _show(self) -> None:
        EXPIRES.labels(str(self._certificate)).set(self._material.ends.timestamp())
        EXPIRES.labels(str(self._authority)).set(self._material.authority_ends.timestamp())
        UNFIT.labels(str(self._certificate)).set(0)

    def _forget(self) -> None:
        """The files that are in use are there again, as they were."""
        if self._told and not self._material.is_over:
            self._told.clear()
            self._show()

    def _tell(self, reason: str) -> None:
        UNFIT.labels(str(self._certificate)).set(1)
        if reason not in self._told:
            self._told.add(reason)
            log.error("certificate_unfit", reason=reason, in_use_until=self._material.ends.isoformat())


def paths(tls: TlsSettings) -> tuple[Path, Path, Path]:
    if tls.authority is None or tls.key is None or tls.certificate is None:
        raise TypeError("these settings are not for mutual TLS")
    return tls.authority, tls.key, tls.certificate


def content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as failure:
        raise Unfit(f"{file} cannot be read: {failure.strerror}.") from None


def certificates_in(file: Path, pem: bytes) -> list[Certificate]:
    try:
        return load_pem_x509_certificates(pem)
    except ValueError:
        raise Unfit(f"{file} holds no certificate (PEM).") from None


def public_key(file: Path, certificate: Certificate) -> PublicKeyTypes:
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise Unfit(f"{file} holds a certificate whose kind of key is unknown.") from None


def private_key(file: Path, pem: bytes) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Unfit(f"{file} holds no private key (PEM, without a password).") from None
