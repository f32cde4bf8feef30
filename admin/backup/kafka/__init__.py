"""What was on its way through Kafka, and where the groups go on.

Kafka itself is not backed up. A snapshot of the database says which events were sent (they left the outbox) and which
were applied (they are in an inbox); those in between are in Kafka alone. They are kept in the backup and sent again
after a restore, under their old ids, so a group that had applied one finds it in its inbox. Before that all groups are
moved to the end: what Kafka has beyond is of a time that the restored database does not know.
"""

from admin.backup.kafka.asking import asked as asked
from admin.backup.kafka.asking import patiently as patiently
from admin.backup.kafka.events import keep as keep
from admin.backup.kafka.events import send_again as send_again
from admin.backup.kafka.positions import Positions as Positions
from admin.backup.kafka.positions import busy as busy
from admin.backup.kafka.positions import move_to_end as move_to_end
from admin.backup.kafka.positions import positions as positions
