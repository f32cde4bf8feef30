"""What API tokens and keys look like. The expected checksums were computed bit by bit, without zlib."""

import pytest

from libs.rpc.credentials import DIGITS, LIVE, TEST, TOKEN, checksum, has_shape, hashed, is_mistyped, make

BODY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"


@pytest.mark.parametrize(("prefix", "expected"), [(TOKEN, "0xXD45"), (LIVE, "0BlDfK"), (TEST, "0Liw6Y")])
def test_the_checksum_is_crc_32_in_base62(prefix: str, expected: str) -> None:
    assert checksum(prefix + BODY) == expected
    assert has_shape(prefix + BODY + expected)
    assert not is_mistyped(prefix + BODY + expected)


def test_the_checksum_of_the_published_check_value() -> None:
    assert checksum("123456789") == "3jZRME"  # 0xCBF43926 of the CRC catalogue


@pytest.mark.parametrize("prefix", [TOKEN, LIVE, TEST])
def test_each_value_is_another_and_of_the_one_shape(prefix: str) -> None:
    made = {make(prefix) for _ in range(200)}

    assert len(made) == 200
    assert all(has_shape(one) and one.startswith(prefix) and not is_mistyped(one) for one in made)


def test_every_slip_of_one_character_and_every_swap_is_noticed() -> None:
    value = make(LIVE)

    for at in range(len(LIVE), len(value)):
        for digit in set(DIGITS) - {value[at]}:
            assert is_mistyped(value[:at] + digit + value[at + 1 :])
        swapped = value[: at - 1] + value[at] + value[at - 1] + value[at + 1 :]
        assert swapped == value or not has_shape(swapped) or is_mistyped(swapped)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "ot_",
        BODY,
        f"sk_live_{BODY}0BlDfK",
        f"pk_live_{BODY}0BlDf",
        f"pk_live_{BODY}0BlDfKK",
        f"pk_live_{BODY[:-1]}-0BlDfK",
        f"pk_live_{BODY}0BlDfK\n",
        f" pk_live_{BODY}0BlDfK",
        f"PK_LIVE_{BODY}0BlDfK",
        f"pk_live_{BODY[:-1]}é0BlDfK",
        f"pk_live_{BODY[:-1]}\uff170BlDfK",
    ],
)
def test_what_has_another_shape_is_none(value: str) -> None:
    assert not has_shape(value)


def test_what_is_kept_is_its_sha_256() -> None:
    assert hashed("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4
