"""The two ceremonies of WebAuthn: what a browser is asked, and what its answer proves."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography, parse_cbor
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from services.auth.accounts.holder import Me
from services.auth.passkeys import cbor
from services.auth.passkeys.documents import Answer, octets
from services.auth.passkeys.models import Passkey
from services.auth.passkeys.party import RelyingParty

TIMEOUT_MS = 300_000
SHORTEST_RSA = 2048  # bits (NIST SP 800-131A)
LONGEST_ID, LONGEST_KEY = 1023, 1024  # bytes; the key of RSA with 4096 bits has 530
ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
# Attestation is not asked for. A browser then hands on none, or what an authenticator signed with the new key itself.
FORMATS = (AttestationFormat.NONE, AttestationFormat.PACKED)


class NotVerified(Exception):
    """The answer proves nothing."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A passkey as its authenticator made it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: UUID
    transports: list[str]
    is_backup_eligible: bool
    is_backed_up: bool


@dataclass(frozen=True, slots=True)
class Assertion:
    """That the holder of a passkey is there and was verified by the device."""

    sign_count: int
    is_backed_up: bool


def creation_options(party: RelyingParty, who: Me, challenge: bytes, known: Iterable[Passkey]) -> bytes:
    """PublicKeyCredentialCreationOptionsJSON; authenticators that have one of the known passkeys make no other."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=who.id.bytes,
        user_name=who.username,
        user_display_name=who.shown_name,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[described(one) for one in known],
        supported_pub_key_algs=ALGORITHMS,
    )
    return options_to_json(options).encode()


def request_options(party: RelyingParty, challenge: bytes) -> bytes:
    """PublicKeyCredentialRequestOptionsJSON; the person chooses among the passkeys that their device has."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options).encode()


def described(one: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        one.credential_id, transports=[AuthenticatorTransport(t) for t in one.transports]
    )


def registered(party: RelyingParty, answer: Answer) -> NewKey:
    """What the answer to a challenge that was found good proves; raises NotVerified."""
    try:
        ensure_plain_attestation(octets(answer.document["response"]["attestationObject"]))
        found = verify_registration_response(
            credential=answer.document,
            expected_challenge=answer.challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
        key = decode_credential_public_key(found.credential_public_key)
        ensure_strong(decoded_public_key_to_cryptography(key))  # refuses what is no point of its curve
    except Exception as broken:  # the library lets what its parsers raise through
        raise NotVerified from broken
    is_long = len(found.credential_id) > LONGEST_ID or len(found.credential_public_key) > LONGEST_KEY
    if answer.is_embedded or is_long or found.credential_id != answer.credential_id or found.fmt not in FORMATS:
        raise NotVerified
    return NewKey(
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        aaguid=UUID(found.aaguid),
        transports=transports(answer),
        is_backup_eligible=found.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        is_backed_up=found.credential_backed_up,
    )


def ensure_strong(key: object) -> None:
    """Raises NotVerified for a key that can be found out by reckoning."""
    if isinstance(key, RSAPublicKey) and key.key_size < SHORTEST_RSA:
        raise NotVerified


def ensure_plain_attestation(attestation: bytes) -> None:
    """Raise Unreadable where a part is more than an authenticator writes."""
    cbor.ensure_plain(attestation)
    said = parse_cbor(attestation)["authData"]
    cbor.ensure_plain_data(said, has_key=True)


def transports(answer: Answer) -> list[str]:
    """Those that are known; browsers are told them again when the passkey is asked for."""
    said = answer.document["response"].get("transports")
    known = {one.value for one in AuthenticatorTransport}
    return sorted(known & {one for one in said if isinstance(one, str)}) if isinstance(said, list) else []


def asserted(party: RelyingParty, answer: Answer, passkey: Passkey) -> Assertion:
    """What the answer to a challenge that was found good proves of this passkey; raises NotVerified.

    Whether its counter went on, one UPDATE decides later.
    """
    try:
        cbor.ensure_plain_data(octets(answer.document["response"]["authenticatorData"]), has_key=False)
        found = verify_authentication_response(
            credential=answer.document,
            expected_challenge=answer.challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as broken:  # the library lets what its parsers raise through
        raise NotVerified from broken
    is_eligible = found.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    if answer.is_embedded or is_eligible != passkey.is_backup_eligible:
        raise NotVerified
    return Assertion(found.new_sign_count, found.credential_backed_up)
