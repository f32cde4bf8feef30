"""MinIO's accounts: one user with one policy for one bucket."""

from minio import Minio
from minio.credentials.providers import StaticProvider
from minio.minioadmin import MinioAdmin

Key = tuple[str, str]
ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]


def grant(address: str, region: str, root: Key, user: Key, bucket: str) -> None:
    """Make the bucket and a user that may use it and nothing else. Idempotent."""
    store = Minio(address, *root, secure=False, region=region)
    if not store.bucket_exists(bucket):
        store.make_bucket(bucket)
    admin = MinioAdmin(endpoint=address, credentials=StaticProvider(*root), secure=False, region=region)
    admin.policy_add(bucket, policy=policy(bucket))
    admin.user_add(*user)
    admin.policy_set(bucket, user=user[0])


def policy(bucket: str) -> dict[str, object]:
    objects = {"Effect": "Allow", "Action": ACTIONS, "Resource": [f"arn:aws:s3:::{bucket}/*"]}
    whole = ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads", "s3:PutLifecycleConfiguration"]
    bucket_itself = {"Effect": "Allow", "Action": whole, "Resource": [f"arn:aws:s3:::{bucket}"]}
    return {"Version": "2012-10-17", "Statement": [objects, bucket_itself]}
