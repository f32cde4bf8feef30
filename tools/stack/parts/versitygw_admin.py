"""versitygw's accounts: signed PATCH requests on the S3 port, as its own `admin` command sends them.

Not that command itself: it takes the new key as an argument, where every user of the machine can read it.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import httpx
from minio.credentials.credentials import Credentials
from minio.signer import sign_v4_s3

from tools.stack.errors import StackError

Key = tuple[str, str]


def grant(endpoint: str, region: str, root: Key, user: Key, buckets: Sequence[str]) -> None:
    """Make the user and the buckets that it owns; it can reach no other bucket and make none. Idempotent."""
    access, secret = (escape(word) for word in user)
    account = f"<Account><Access>{access}</Access><Secret>{secret}</Secret><Role>user</Role></Account>"
    send(endpoint, region, root, "/create-user", account.encode(), {})
    for bucket in buckets:
        send(endpoint, region, root, f"/{bucket}/create", b"", {"x-vgw-owner": user[0]})


def send(endpoint: str, region: str, root: Key, path: str, body: bytes, headers: dict[str, str]) -> None:
    url = urlsplit(endpoint + path)
    now = datetime.now(UTC)
    digest = hashlib.sha256(body).hexdigest()
    unsigned = {"Host": url.netloc, "x-amz-content-sha256": digest, "x-amz-date": now.strftime("%Y%m%dT%H%M%SZ")}
    signed: Any = sign_v4_s3(
        method="PATCH",
        url=url,
        region=region,
        headers={**unsigned, **headers},
        credentials=Credentials(*root),
        content_sha256=digest,
        date=now,
    )
    with httpx.Client(trust_env=False, timeout=10) as client:
        answer = client.patch(url.geturl(), content=body, headers=signed)
    if answer.status_code not in {httpx.codes.CREATED, httpx.codes.CONFLICT}:  # conflict: it is there already
        raise StackError(f"The S3 server refused {path}: {answer.status_code}.", tail=answer.text)
