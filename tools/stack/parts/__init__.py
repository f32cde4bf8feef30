"""The real servers that the fleet stands on. Each class starts one on the loopback interface and is good for tests too:

    with Postgres.ephemeral() as server: ...

`make up` and the tests use the very same code.
"""

from tools.stack.parts.kafka import Kafka as Kafka
from tools.stack.parts.part import Part as Part
from tools.stack.parts.postgres import Postgres as Postgres
from tools.stack.parts.redis import Redis as Redis
from tools.stack.parts.s3 import Credentials as Credentials
from tools.stack.parts.s3 import Minio as Minio
from tools.stack.parts.s3 import ObjectStore as ObjectStore
from tools.stack.parts.s3 import Rclone as Rclone
from tools.stack.parts.s3 import Versitygw as Versitygw
from tools.stack.parts.s3 import chosen as chosen
from tools.stack.parts.vault import Vault as Vault
