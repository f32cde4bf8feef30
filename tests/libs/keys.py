"""Keys and certificates, made anew for each use."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID


def key_files(folder: Path) -> tuple[Path, Path]:
    """A new Ed25519 key pair as PEM files: private, public."""
    folder.mkdir(parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    private, public = folder / "private.pem", folder / "public.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


@dataclass(frozen=True)
class Authority:
    """A certificate authority with its file."""

    folder: Path
    key: RSAPrivateKey
    certificate: x509.Certificate

    @property
    def file(self) -> Path:
        return self.folder / "authority.pem"

    @classmethod
    def make(cls, folder: Path) -> "Authority":
        folder.mkdir(parents=True, exist_ok=True)
        key = generate_private_key(public_exponent=65537, key_size=2048)
        made = cls(folder, key, signed(f"authority {folder.name}", key, None, None))  # names tell authorities apart
        made.file.write_bytes(made.certificate.public_bytes(Encoding.PEM))
        return made

    def issue(self, name: str, *, days: float = 1) -> tuple[Path, Path]:
        """A certificate for `name` and its key, as files; written over an earlier one of that name.

        It holds for so many days from now; it expired so long ago where they are negative.
        """
        key = generate_private_key(public_exponent=65537, key_size=2048)
        certificate = signed(name, key, self.certificate, self.key, days)
        files = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
        files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return files


def signed(
    name: str,
    key: RSAPrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: RSAPrivateKey | None,
    days: float = 1,
) -> x509.Certificate:
    """A certificate of the issuer; of an authority where none is given."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    draft = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=30))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )
    return draft.sign(issuer_key or key, SHA256())
