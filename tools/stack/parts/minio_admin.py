"""MinIO's accounts: one user with one policy for their buckets."""

from collections.abc import Sequence

from minio import Minio
from minio.credentials.providers import StaticProvider
from minio.minioadmin import MinioAdmin

Key = tuple[str, str]
ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]


def grant(address: str, region: str, root: Key, user: Key, buckets: Sequence[str]) -> None:
    """Make the buckets and a user that may use them and nothing else. Idempotent."""
    store = Minio(address, *root, secure=False, region=region)
    for bucket in buckets:
        if not store.bucket_exists(bucket):
            store.make_bucket(bucket)
    admin = MinioAdmin(endpoint=address, credentials=StaticProvider(*root), secure=False, region=region)
    admin.policy_add(user[0], policy=policy(buckets))
    admin.user_add(*user)
    admin.policy_set(user[0], user=user[0])


def policy(buckets: Sequence[str]) -> dict[str, object]:
    objects = {"Effect": "Allow", "Action": ACTIONS, "Resource": [f"arn:aws:s3:::{one}/*" for one in buckets]}
    whole = ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads", "s3:PutLifecycleConfiguration"]
    themselves = {"Effect": "Allow", "Action": whole, "Resource": [f"arn:aws:s3:::{one}" for one in buckets]}
    return {"Version": "2012-10-17", "Statement": [objects, themselves]}
