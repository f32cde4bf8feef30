"""Durable jobs: stored in the transaction that wants them, run by a worker, done once.

Procrastinate keeps the queue in the service's own schema. What is added here is the fence: each start of a job has a
lease number, and only the holder of the latest may complete it, in the same transaction as its effect. A job whose
worker died is taken over within 20 s; the dead one's late completion is refused.
"""

from libs.jobs.deferring import defer as defer
from libs.jobs.lease import Lease as Lease
from libs.jobs.lease import LeaseLost as LeaseLost
from libs.jobs.schema import DDL as DDL
from libs.jobs.task import Task as Task
from libs.jobs.worker import Worker as Worker
