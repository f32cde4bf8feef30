"""PasskeysService: documents, attestations and keys that are none."""

import base64
import os
from typing import Any

import cbor2
import pytest

from libs.errors import Invalid, Unauthenticated
from tests.services.auth.house import House
from tests.services.auth.passkeys.authenticator import (
    PRESENT_AND_VERIFIED,
    Authenticator,
    Json,
    Manner,
    decoded,
    encoded,
)
from tests.services.auth.passkeys.people import login, person


def with_attestation(document: Json, attestation: bytes) -> Json:
    return {**document, "response": {**document["response"], "attestationObject": encoded(attestation)}}


WEIRD: dict[str, bytes] = {
    "nothing": b"\xf6",
    "a number": b"\x05",
    "a list": b"\x80",
    "an endless map": b"\xbf",
    "a promise of a terabyte": b"\x5b\x00\x00\x01\x00\x00\x00\x00\x00",
    "a promise of a list of a terabyte": b"\x9b\x00\x00\x01\x00\x00\x00\x00\x00",
    "deep nesting": b"\x81" * 20_000 + b"\x00",
    "a key twice": bytes.fromhex("a263666d74646e6f6e6563666d74646e6f6e65"),
    "a cycle": bytes.fromhex("d81c81d81d00"),
    "a huge exponent": bytes.fromhex("c5821b7fffffffffffffff01"),
    "a regular expression": b"\xd8\x23\x78\x20" + b"(" * 32,
    "a fraction by zero": bytes.fromhex("d81e820100"),
    "a mail": cbor2.dumps({"fmt": cbor2.CBORTag(36, "To: a@b\n\n")}),
    "a tag deep inside": cbor2.dumps(
        {"fmt": "none", "attStmt": {"a": [cbor2.CBORTag(35, "(")]}, "authData": b"0" * 37}
    ),
    "a thousand items": cbor2.dumps({"fmt": "none", "attStmt": {"a": [0] * 1000}, "authData": b"0" * 37}),
    "two items": cbor2.dumps({}) + cbor2.dumps({}),
    "no authData": cbor2.dumps({"fmt": "none", "attStmt": {}}),
    "authData that is text": cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": "text"}),
    "authData that is short": cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": b"0" * 36}),
    "fmt that is a list": cbor2.dumps({"fmt": [], "attStmt": {}, "authData": b"0" * 37}),
}


@pytest.mark.parametrize("attestation", WEIRD.values(), ids=WEIRD)
async def test_cbor_that_is_no_attestation_is_refused(auth: House, attestation: bytes) -> None:
    ada = await person(auth)
    document = with_attestation(ada.device.create(await ada.options()), attestation)

    with pytest.raises(Invalid) as refused:
        await ada.verify(document)

    assert refused.value.reason == "PASSKEY_NOT_VERIFIED"


async def test_an_attestation_cut_anywhere_is_refused(auth: House) -> None:
    ada = await person(auth)
    for share in range(1, 12):
        document = ada.device.create(await ada.options())
        whole = decoded(document["response"]["attestationObject"])

        with pytest.raises(Invalid):
            await ada.verify(with_attestation(document, whole[: len(whole) * share // 12]))


KEYS: dict[str, dict[int, Any]] = {
    "no point of the curve": {1: 2, 3: -7, -1: 1, -2: b"\x01" * 32, -3: b"\x02" * 32},
    "another curve": {1: 2, 3: -7, -1: 8, -2: b"\x01" * 32, -3: b"\x02" * 32},
    "an algorithm not asked for": {1: 2, 3: -36, -1: 3, -2: b"\x01" * 66, -3: b"\x02" * 66},
    "no algorithm": {1: 2, -1: 1},
    "a kind that is none": {1: 99, 3: -7},
    "a modulus that can be factored": {1: 3, 3: -257, -1: b"\xff" * 128, -2: b"\x01\x00\x01"},
    "a giant modulus": {1: 3, 3: -257, -1: b"\xff" * 8000, -2: b"\x01\x00\x01"},
    "coordinates that are text": {1: 2, 3: -7, -1: 1, -2: "x", -3: "y"},
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
async def test_a_key_that_verifies_nothing_is_refused(auth: House, key: dict[int, Any]) -> None:
    ada = await person(auth, Authenticator(cose=key))

    with pytest.raises(Invalid) as refused:
        await ada.register()

    assert refused.value.reason == "PASSKEY_NOT_VERIFIED"


def changed(document: Json, **members: Any) -> Json:
    return {**document, **members}


def answered(document: Json, **members: Any) -> Json:
    return {**document, "response": {**document["response"], **members}}


UNREADABLE: dict[str, Any] = {
    "no object": lambda whole: [whole],
    "empty": lambda whole: {},
    "no response": lambda whole: changed(whole, response=None),
    "another kind": lambda whole: changed(whole, type="password"),
    "two ids": lambda whole: changed(whole, rawId=encoded(os.urandom(32))),
    "an id that is a number": lambda whole: changed(whole, id=5, rawId=5),
    "padding": lambda whole: answered(whole, clientDataJSON=whole["response"]["clientDataJSON"] + "="),
    "the other alphabet": lambda whole: answered(whole, attestationObject=base64.b64encode(b"\xff\xfe\xfd").decode()),
    "a line feed": lambda whole: answered(whole, clientDataJSON=whole["response"]["clientDataJSON"] + "\n"),
    "no attestation": lambda whole: answered(whole, attestationObject=None),
    "client data that are no JSON": lambda whole: answered(whole, clientDataJSON=encoded(b"{")),
    "client data that are a list": lambda whole: answered(whole, clientDataJSON=encoded(b"[]")),
    "client data without a challenge": lambda whole: answered(whole, clientDataJSON=encoded(b"{}")),
    "client data of broken UTF-8": lambda whole: answered(whole, clientDataJSON=encoded(b'{"challenge":"\xff"}')),
    "client data that are deep": lambda whole: answered(whole, clientDataJSON=encoded(b"[" * 40_000)),
    "a challenge that is a number": lambda whole: answered(whole, clientDataJSON=encoded(b'{"challenge":5}')),
    "more than 64 KiB": lambda whole: changed(whole, more="x" * 66_000),
}


@pytest.mark.parametrize("twist", UNREADABLE.values(), ids=UNREADABLE)
async def test_a_document_that_is_none_is_a_broken_field_and_leaves_the_challenge_good(auth: House, twist: Any) -> None:
    ada = await person(auth)
    document = ada.device.create(await ada.options())

    with pytest.raises(Invalid) as refused:
        await ada.verify(twist(document))

    assert [one.field for one in refused.value.violations] == ["credential"]
    assert await ada.verify(document)


@pytest.mark.parametrize("text", [b"", b"null", b"{", b"\xff", b"NaN"])
async def test_bytes_that_are_no_document_are_a_broken_field(auth: House, text: bytes) -> None:
    ada = await person(auth)

    with pytest.raises(Invalid) as refused:
        await ada.verify(text)

    assert [one.field for one in refused.value.violations] == ["credential"]


@pytest.mark.parametrize(
    "extensions",
    [cbor2.dumps(cbor2.CBORTag(35, "(" * 9)), cbor2.dumps([[[[[0]]]]]), b"\xbf\xff", b"\xa1", b"\x1f", b"\xa0\x00"],
    ids=["a tag", "deep", "endless", "cut", "reserved", "left over"],
)
async def test_extensions_are_plain_in_either_ceremony(auth: House, extensions: bytes) -> None:
    ada = await person(auth)
    manner = Manner(flags=PRESENT_AND_VERIFIED | 0x80, tail=extensions)
    with pytest.raises(Invalid):
        await ada.register(manner)
    await ada.register()

    with pytest.raises(Unauthenticated):
        await login(auth, ada.device, manner)

    assert await login(
        auth, ada.device, Manner(flags=PRESENT_AND_VERIFIED | 0x80, tail=cbor2.dumps({"credProps": True}))
    )
