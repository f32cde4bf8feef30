"""How far a group is: an answer that does not say it is none of a group without offsets."""

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, NotCoordinatorForGroupError
from aiokafka.protocol.commit import OffsetFetchResponse_v2, OffsetFetchResponse_v3

from admin.backup.kafka.positions import read


@pytest.mark.parametrize("error", [NotCoordinatorForGroupError, GroupAuthorizationFailedError])
def test_an_error_of_the_whole_answer_is_raised(error: type[KafkaError]) -> None:
    wire = OffsetFetchResponse_v3(0, [], error.errno).encode()

    with pytest.raises(error):
        read(OffsetFetchResponse_v3.decode(wire))


def test_an_error_of_one_partition_is_raised() -> None:
    topics = [("orrery.made.up", [(0, 7, "", 0), (1, -1, "", NotCoordinatorForGroupError.errno)])]

    with pytest.raises(NotCoordinatorForGroupError):
        read(OffsetFetchResponse_v2(topics, 0))


def test_an_answer_without_errors_is_each_partitions_offset() -> None:
    answer = OffsetFetchResponse_v3(0, [("orrery.made.up", [(0, 7, "", 0), (1, -1, "", 0)])], 0)

    assert read(answer) == {TopicPartition("orrery.made.up", 0): 7, TopicPartition("orrery.made.up", 1): -1}
