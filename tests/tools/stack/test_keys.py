"""Secrets are made once and are their owner's alone."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from tools.stack.keys import Keys


def test_a_secret_is_made_once_and_readable_for_its_owner_alone(folder: Path) -> None:
    first = Keys(folder).password("redis")

    assert Keys(folder).password("redis") == first != Keys(folder).password("media_app")
    assert len(first) == 40
    modes = {stat.S_IMODE(file.stat().st_mode) for file in (folder / "secrets").iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE((folder / "secrets").stat().st_mode) == 0o700


def test_many_who_ask_at_once_are_given_the_same(folder: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        given = list(pool.map(lambda _: Keys(folder).identity_public.read_bytes(), range(16)))

    assert len(set(given)) == 1
    assert {file.name for file in (folder / "secrets").iterdir()} == {"identity.pem", "identity.pub.pem"}


def test_the_identity_keys_are_one_pair(folder: Path) -> None:
    keys = Keys(folder)

    private = load_pem_private_key(keys.identity.read_bytes(), password=None)

    assert load_pem_public_key(keys.identity_public.read_bytes()) == private.public_key()


def test_the_master_key_is_32_bytes(folder: Path) -> None:
    assert len(base64.b64decode(Keys(folder).master.read_text(), validate=True)) == 32
