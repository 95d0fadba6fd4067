"""What the protocol promises: errors, offsets, epochs, versions and configurations, by requests sent as they are."""

import time
import uuid

import pytest
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic,
                                   ResourceType)

from cluster import wait_until
from wire import (DescribeTopicPartitionsRequest, FetchRequest, InitProducerIdRequest, ListOffsetsRequest, MetadataRequest, OffsetForLeaderEpochRequest,
                  ProduceRequest, Wire, batch)

NOT_ENOUGH_REPLICAS, MESSAGE_TOO_LARGE, INVALID_RECORD = 19, 10, 87
OUT_OF_ORDER_SEQUENCE, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, NOT_LEADER = 45, 74, 75, 6
UNKNOWN_TOPIC, OFFSET_OUT_OF_RANGE = 3, 1


@pytest.fixture
def admin(cluster):
    return AdminClient({"bootstrap.servers": cluster.plain})


def create(admin, partitions=1, replicas=3, **configs):
    name = f"s-{uuid.uuid4().hex[:12]}"
    configs.setdefault("retention.ms", "-1")  # The records' times are long ago.
    admin.create_topics([NewTopic(name, partitions, replicas, config=configs)])[name].result(20)
    return name


def describe(cluster, name, node=0, version=9):
    topic = MetadataRequest.MetadataRequestTopic(name=name)
    with Wire(cluster.port + node) as wire:
        return wire.ask(MetadataRequest, version, topics=[topic], allow_auto_topic_creation=False).topics[0]


def leader(cluster, name, partition=0):
    """The node that leads, once there is one and it says so itself."""
    def find():
        for node in cluster.processes:
            for one in describe(cluster, name, node).partitions:
                if (one.partition_index, one.error_code, one.leader_id) == (partition, 0, node):
                    return one
    return wait_until(find, 20, f"{name} has a leader")


def send(cluster, name, data, acks=-1, version=9, node=None, timeout_ms=10_000):
    topic = ProduceRequest.TopicProduceData
    request = dict(transactional_id=None, acks=acks, timeout_ms=timeout_ms, topic_data=[
        topic(name=name, partition_data=[topic.PartitionProduceData(index=0, records=data)])])
    with Wire(cluster.port + (leader(cluster, name).leader_id if node is None else node)) as wire:
        [answer] = wire.ask(ProduceRequest, version, **request).responses
        return answer.partition_responses[0]


def offset(cluster, name, timestamp, version=7, **more):
    topic = ListOffsetsRequest.ListOffsetsTopic
    wanted = topic.ListOffsetsPartition(partition_index=0, timestamp=timestamp, **more)
    with Wire(cluster.port + leader(cluster, name).leader_id) as wire:
        answer = wire.ask(ListOffsetsRequest, version, replica_id=-1, isolation_level=0,
                          topics=[topic(name=name, partitions=[wanted])])
    return answer.topics[0].partitions[0]


def set_config(admin, name, **configs):
    resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=[
        ConfigEntry(key.replace("_", "."), value, incremental_operation=AlterConfigOpType.SET)
        for key, value in configs.items()])
    admin.incremental_alter_configs([resource])[resource].result(20)


def new_producer_id(cluster):
    with Wire(cluster.port) as wire:
        answer = wire.ask(InitProducerIdRequest, 4, transactional_id=None, transaction_timeout_ms=1000, producer_id=-1,
                          producer_epoch=-1)
    assert answer.error_code == 0
    return answer.producer_id


def test_metadata_in_every_version(cluster, admin):
    name = create(admin, partitions=2)
    leader(cluster, name)
    for version in range(14):
        topic = describe(cluster, name, version=version)
        assert (topic.error_code, topic.name) == (0, name), version
        assert sorted(len(partition.replica_nodes) for partition in topic.partitions) == [3, 3], version


@pytest.mark.parametrize("acks", [1, -1])
def test_produce_is_answered_with_the_offset(cluster, admin, acks):
    name = create(admin)
    assert [send(cluster, name, batch([b"a", b"b"]), acks).base_offset for _ in range(3)] == [0, 2, 4]


def test_produce_without_acknowledgement_is_not_answered_but_kept(cluster, admin):
    name = create(admin)
    topic = ProduceRequest.TopicProduceData
    with Wire(cluster.port + leader(cluster, name).leader_id) as wire:
        wire.tell(ProduceRequest, 9, transactional_id=None, acks=0, timeout_ms=1000, topic_data=[
            topic(name=name, partition_data=[topic.PartitionProduceData(index=0, records=batch([b"a"]))])])
        assert wire.ask(MetadataRequest, 9, topics=[], allow_auto_topic_creation=False).brokers
    wait_until(lambda: offset(cluster, name, -1).offset == 1, 10, "the record is there")


def test_another_node_than_the_leader_refuses(cluster, admin):
    name = create(admin)
    other = next(node for node in range(3) if node != leader(cluster, name).leader_id)
    assert send(cluster, name, batch([b"a"]), node=other).error_code == NOT_LEADER


def test_offsets_by_time(cluster, admin):
    name = create(admin)
    send(cluster, name, batch([b"a", b"b", b"c"], timestamp=1_000))
    send(cluster, name, batch([b"d", b"e"], timestamp=5_000))
    send(cluster, name, batch([b"f"], timestamp=2_000))
    found = {at: offset(cluster, name, at) for at in (-3, -2, -1, 0, 1_001, 1_003, 5_001, 5_002)}
    assert {at: one.offset for at, one in found.items()} == {
        -3: 4, -2: 0, -1: 6, 0: 0, 1_001: 1, 1_003: 3, 5_001: 4, 5_002: -1}
    assert {at: one.timestamp for at, one in found.items()} == {
        -3: 5_001, -2: -1, -1: -1, 0: 1_000, 1_001: 1_001, 1_003: 5_000, 5_001: 5_001, 5_002: -1}
    assert found[-1].leader_epoch == 0


def test_offsets_of_segments_for_the_oldest_clients(cluster, admin):
    name = create(admin, **{"segment.bytes": "1048576"})
    for _ in range(5):
        send(cluster, name, batch([bytes(500_000)]))
    told = offset(cluster, name, -1, version=0, max_num_offsets=10).old_style_offsets
    assert told == [5, 4, 2, 0]
    assert offset(cluster, name, -1, version=0, max_num_offsets=2).old_style_offsets == [5, 4]
    assert offset(cluster, name, -2, version=0, max_num_offsets=10).old_style_offsets == [0]


def test_the_end_of_a_leader_epoch(cluster, admin):
    name = create(admin)
    send(cluster, name, batch([b"a", b"b"]))
    at = leader(cluster, name)
    topic = OffsetForLeaderEpochRequest.OffsetForLeaderTopic

    def ask(epoch, current=-1):
        wanted = topic.OffsetForLeaderPartition(partition=0, current_leader_epoch=current, leader_epoch=epoch)
        with Wire(cluster.port + at.leader_id) as wire:
            answer = wire.ask(OffsetForLeaderEpochRequest, 3, replica_id=-1,
                              topics=[topic(topic=name, partitions=[wanted])])
        one = answer.topics[0].partitions[0]
        return one.error_code, one.leader_epoch, one.end_offset

    assert ask(0) == (0, 0, 2)
    assert ask(at.leader_epoch + 5) == (0, -1, -1)
    assert ask(0, current=at.leader_epoch + 1)[0] == UNKNOWN_LEADER_EPOCH


def test_too_large_a_message(cluster, admin):
    name = create(admin, **{"max.message.bytes": "1000"})
    assert send(cluster, name, batch([bytes(2_000)])).error_code == MESSAGE_TOO_LARGE
    set_config(admin, name, max_message_bytes="5000")
    wait_until(lambda: send(cluster, name, batch([bytes(2_000)])).error_code == 0, 10, "the new limit holds")


def test_a_compacted_topic_wants_keys(cluster, admin):
    name = create(admin, **{"cleanup.policy": "compact"})
    answer = send(cluster, name, batch([b"without a key"]))
    assert answer.error_code == INVALID_RECORD
    assert [one.batch_index for one in answer.record_errors] == [0]


def test_a_duplicate_is_told_the_first_offset_and_a_gap_is_refused(cluster, admin):
    name, producer = create(admin), new_producer_id(cluster)
    assert [send(cluster, name, batch([b"a", b"b"], (producer, 0, sequence))).base_offset for sequence in (0, 2)] == [0, 2]
    again = send(cluster, name, batch([b"a", b"b"], (producer, 0, 0)))
    assert (again.error_code, again.base_offset) == (0, 0)
    assert send(cluster, name, batch([b"c"], (producer, 0, 7))).error_code == OUT_OF_ORDER_SEQUENCE
    assert offset(cluster, name, -1).offset == 4


def test_duplicates_are_known_after_a_failover_and_a_restart(cluster, admin):
    name, producer = create(admin), new_producer_id(cluster)
    send(cluster, name, batch([b"a", b"b"], (producer, 0, 0)))
    first = leader(cluster, name).leader_id
    cluster.kill(first)
    try:
        wait_until(lambda: leader(cluster, name).leader_id != first, 20, "another node leads")
        again = send(cluster, name, batch([b"a", b"b"], (producer, 0, 0)))
        assert (again.error_code, again.base_offset) == (0, 0)
        assert send(cluster, name, batch([b"c"], (producer, 0, 9))).error_code == OUT_OF_ORDER_SEQUENCE
        assert send(cluster, name, batch([b"c"], (producer, 0, 2))).base_offset == 2
    finally:
        cluster.start(first)
    wait_until(lambda: len(leader(cluster, name).isr_nodes) == 3, 30, "the restarted node is in sync")
    assert offset(cluster, name, -1).offset == 3


def test_too_few_replicas(cluster, admin):
    name = create(admin)
    set_config(admin, name, min_insync_replicas="3")
    node = next(node for node in range(3) if node != leader(cluster, name).leader_id)
    cluster.kill(node)
    try:
        wait_until(lambda: len(leader(cluster, name).isr_nodes) == 2, 30, "the dead node leaves the ISR")
        assert send(cluster, name, batch([b"a"])).error_code == NOT_ENOUGH_REPLICAS
        assert send(cluster, name, batch([b"a"]), acks=1).error_code == 0
    finally:
        cluster.start(node)
    wait_until(lambda: send(cluster, name, batch([b"a"])).error_code == 0, 30, "it is writable again")


def test_a_killed_node_is_replaced_and_back_within_seconds(cluster, admin):
    name = create(admin)
    first = leader(cluster, name).leader_id
    begin = time.monotonic()
    cluster.kill(first)
    wait_until(lambda: leader(cluster, name).leader_id != first, 20, "another node leads")
    replaced = time.monotonic()
    cluster.start(first)
    wait_until(lambda: len(leader(cluster, name).isr_nodes) == 3, 20, "it is in sync again")
    back = time.monotonic()
    # Both would take the session timeout of nine seconds if nobody noticed the broken connection.
    assert replaced - begin < 4 and back - replaced < 5, (replaced - begin, back - replaced)


def test_a_deleted_topic_is_gone_from_the_disks(cluster, admin):
    name = create(admin)
    send(cluster, name, batch([b"a"]))
    assert len(list(cluster.folder.glob(f"*/data/{name}-0"))) == 3
    admin.delete_topics([name])[name].result(20)
    wait_until(lambda: not list(cluster.folder.glob(f"*/data/{name}-0*")), 90, "the folders are gone")
    assert describe(cluster, name).error_code == UNKNOWN_TOPIC


def test_partitions_are_added(cluster, admin):
    name = create(admin)
    admin.create_partitions([NewPartitions(name, 4)])[name].result(20)
    wait_until(lambda: len(describe(cluster, name).partitions) == 4, 10, "there are four")
    with pytest.raises(KafkaException):
        admin.create_partitions([NewPartitions(name, 2)])[name].result(20)


def test_a_fetch_beyond_the_end_is_refused(cluster, admin):
    name = create(admin)
    send(cluster, name, batch([b"a"]))
    topic = FetchRequest.FetchTopic
    wanted = topic.FetchPartition(partition=0, current_leader_epoch=-1, fetch_offset=100, log_start_offset=-1,
                                  partition_max_bytes=1 << 20)
    for version in range(4, 13):
        with Wire(cluster.port + leader(cluster, name).leader_id) as wire:
            answer = wire.ask(FetchRequest, version, replica_id=-1, max_wait_ms=100, min_bytes=1, max_bytes=1 << 20,
                              isolation_level=0, session_id=0, session_epoch=-1, forgotten_topics_data=[], rack_id="",
                              topics=[topic(topic=name, partitions=[wanted])])
        assert answer.responses[0].partitions[0].error_code == OFFSET_OUT_OF_RANGE, version


def test_a_consumer_is_sent_to_the_replica_in_its_rack(cluster, admin):
    name = create(admin)
    send(cluster, name, batch([b"a"]))
    first = leader(cluster, name).leader_id
    near = next(node for node in range(3) if node != first)
    topic = FetchRequest.FetchTopic
    wanted = topic.FetchPartition(partition=0, current_leader_epoch=-1, fetch_offset=0, log_start_offset=-1,
                                  partition_max_bytes=1 << 20)

    def fetch(node, rack):
        with Wire(cluster.port + node) as wire:
            answer = wire.ask(FetchRequest, 11, replica_id=-1, max_wait_ms=500, min_bytes=1, max_bytes=1 << 20,
                              isolation_level=0, session_id=0, session_epoch=-1, forgotten_topics_data=[],
                              rack_id=rack, topics=[topic(topic=name, partitions=[wanted])])
        return answer.responses[0].partitions[0]

    wait_until(lambda: fetch(first, f"zone-{near}").preferred_read_replica == near, 10, "the leader names the replica")
    assert fetch(first, f"zone-{first}").preferred_read_replica == -1
    there = fetch(near, f"zone-{near}")
    assert (there.error_code, len(there.records)) == (0, len(batch([b"a"])))


def test_partitions_are_described_page_by_page(cluster, admin):
    name = create(admin, partitions=5)
    pages, cursor = [], None
    with Wire(cluster.port + leader(cluster, name).leader_id) as wire:
        while True:
            answer = wire.ask(
                DescribeTopicPartitionsRequest, 0, topics=[DescribeTopicPartitionsRequest.TopicRequest(name=name)],
                response_partition_limit=2, cursor=cursor)
            pages.append([partition.partition_index for partition in answer.topics[0].partitions])
            if answer.next_cursor is None:
                break
            cursor = DescribeTopicPartitionsRequest.Cursor(
                topic_name=answer.next_cursor.topic_name, partition_index=answer.next_cursor.partition_index)
    assert pages == [[0, 1], [2, 3], [4]]


def test_old_records_are_deleted_when_the_topic_is_told_so(cluster, admin):
    name = create(admin, **{"segment.bytes": "1048576"})
    for _ in range(4):
        send(cluster, name, batch([bytes(600_000)], timestamp=int(time.time() * 1000) - 100_000))
    set_config(admin, name, retention_ms="1000")
    wait_until(lambda: offset(cluster, name, -2).offset > 0, 60, "the log's start moves")


def test_a_node_that_leaves_in_order_costs_no_request(cluster, admin):
    name = create(admin, partitions=6)
    failures, delivered = [], []
    producer = Producer({"bootstrap.servers": cluster.plain, "acks": "all", "linger.ms": 5})
    for index in range(12_000):
        producer.produce(name, str(index).encode(),
                         on_delivery=lambda error, message: (failures if error else delivered).append(error or message))
        producer.poll(0)
        if index == 4_000:
            assert cluster.leave(2) == 0
        if index == 8_000:
            cluster.start(2)
    assert producer.flush(60) == 0
    assert not failures and len(delivered) == 12_000
