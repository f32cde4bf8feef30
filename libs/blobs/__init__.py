"""Objects in S3, by the minio client: one bucket a service, presigned URLs for the endpoint that clients reach."""

from libs.blobs.client import BlobMissing as BlobMissing
from libs.blobs.client import Blobs as Blobs
from libs.blobs.client import BlobsAway as BlobsAway
from libs.blobs.client import Stat as Stat
from libs.blobs.keys import safe_key as safe_key
