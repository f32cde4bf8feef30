"""The authority of mutual TLS has a successor under load: years in a minute, by dates, and no request fails."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from admin.certificates.authority import CERTIFICATE, KEY, NEXT, NEXT_KEY, PREVIOUS, UNTIL, moment
from admin.certificates.material import Pair, is_signed_by
from tests.e2e.people import Person
from tests.kubernetes.certificates import ANOTHER, SERVERS, held, look, put, shown, taken_up
from tests.kubernetes.installation import RELEASE, Installation
from tests.kubernetes.load import Load, nothing_lost

AUTHORITY = f"{RELEASE}-tls-authority"
DAYS = 90  # of a certificate, as the chart has it


def test_an_authority_is_succeeded_and_forgotten_and_no_request_fails(
    installation: Installation, person: Person
) -> None:
    taken_up(installation)
    made_at(installation, CERTIFICATE, KEY, days_ago=1725, days_left=100)

    with Load(person) as load:
        assert "has a successor" in look(installation)
        made_at(installation, NEXT, NEXT_KEY, days_ago=DAYS, days_left=1735)
        assert "signs by" not in look(installation), "not everybody trusts this one yet"
        taken_up(installation)
        old, new = (held(installation, AUTHORITY)[key] for key in (CERTIFICATE, NEXT))
        assert signers(installation, old, new) == {old}

        assert "signs by its successor" in look(installation, ANOTHER)
        taken_up(installation)
        assert held(installation, AUTHORITY)[PREVIOUS] == old
        assert signers(installation, old, new) == {new}

        put(installation, AUTHORITY, UNTIL, moment(datetime.now(UTC)))
        assert "forgot its predecessor" in look(installation)
        taken_up(installation)
        assert trusted(installation) == {new}

    nothing_lost(load, person)


def made_at(installation: Installation, certificate: str, key: str, *, days_ago: int, days_left: int) -> None:
    """Let one of the authorities be of that age: the same key and name, so that it signed what it signed."""
    found, now = held(installation, AUTHORITY), datetime.now(UTC)
    pair = Pair.read(found[certificate], found[key])
    again = (
        x509.CertificateBuilder()
        .issuer_name(pair.certificate.issuer)
        .subject_name(pair.certificate.subject)
        .public_key(pair.certificate.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=days_ago))
        .not_valid_after(now + timedelta(days=days_left))
    )
    for one in pair.certificate.extensions:
        again = again.add_extension(one.value, one.critical)
    put(installation, AUTHORITY, certificate, again.sign(pair.key, SHA256()).public_bytes(Encoding.PEM))


def signers(installation: Installation, *authorities: bytes) -> set[bytes]:
    """Which of these signed what the servers show."""
    seen = [x509.load_pem_x509_certificate(shown(installation, name).encode()) for name in SERVERS]
    pairs = [(pem, x509.load_pem_x509_certificate(pem)) for pem in authorities]
    return {pem for pem, signer in pairs for one in seen if is_signed_by(one, signer)}


def trusted(installation: Installation) -> set[bytes]:
    """What the processes believe."""
    return {held(installation, f"{RELEASE}-tls-{name}")["ca.crt"] for name in SERVERS}
