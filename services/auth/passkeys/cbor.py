"""The little of CBOR that authenticators write (CTAP2's canonical form): definite lengths, no tags, few items, shallow.

Looked at before the library decodes it: a general decoder compiles regular expressions, parses mails and reckons with
numbers of any size when a tag says so, and all that before a signature was verified.
"""

from services.auth.passkeys.documents import Unreadable

DEEPEST, MOST_ITEMS = 4, 200
BYTES, TEXT, ARRAY, MAP, TAG = 2, 3, 4, 5, 6
WHOLE, LONGEST = 24, 27  # from here on a head's length is given, up to eight bytes of it
RP_HASH_AND_COUNT, AAGUID, ID_SIZE = 37, 16, 2  # bytes of authenticator data (WebAuthn L3 §6.1)
FLAGS, HAS_KEY, HAS_EXTENSIONS = 32, 0x40, 0x80


def end_of(data: bytes, at: int) -> int:
    """Where the item that begins there ends; raises Unreadable."""
    left, items = [1], 0  # of each open array or map, how many items are to come
    while left:
        if not left[-1]:
            left.pop()
            continue
        left[-1] -= 1
        items += 1
        major, size, at = head(data, at)
        if major in (BYTES, TEXT):
            at += size
        elif major in (ARRAY, MAP):
            left.append(size * (major - ARRAY + 1))
        if major == TAG or items > MOST_ITEMS or len(left) > DEEPEST + 1 or at > len(data):
            raise Unreadable
    return at


def head(data: bytes, at: int) -> tuple[int, int, int]:
    """The kind of an item, its number or length, and where its head ends."""
    major, info = divmod(data[at], 32) if at < len(data) else (TAG, 0)
    if info < WHOLE:
        return major, info, at + 1
    if info > LONGEST:
        raise Unreadable
    end = at + 1 + (1 << (info - WHOLE))
    return major, int.from_bytes(data[at + 1 : end], "big"), end


def ensure_plain(data: bytes) -> None:
    """Raise Unreadable unless this is one plain item and nothing else."""
    if end_of(data, 0) != len(data):
        raise Unreadable


def ensure_plain_data(data: bytes, *, has_key: bool) -> None:
    """Raise Unreadable unless these are authenticator data, with a new key or without any, as asked."""
    at = RP_HASH_AND_COUNT
    if len(data) < at or bool(data[FLAGS] & HAS_KEY) != has_key:
        raise Unreadable
    if has_key:
        size = at + AAGUID
        at = end_of(data, size + ID_SIZE + int.from_bytes(data[size : size + ID_SIZE], "big"))
    if data[FLAGS] & HAS_EXTENSIONS:
        at = end_of(data, at)
    if at != len(data):
        raise Unreadable
