"""Requests of any version, sent as they are: also what no client library would send on its own."""

import socket
import struct

from kafka.protocol.admin import DescribeTopicPartitionsRequest
from kafka.protocol.consumer import FetchRequest, ListOffsetsRequest, OffsetForLeaderEpochRequest
from kafka.protocol.metadata import MetadataRequest
from kafka.protocol.producer import InitProducerIdRequest, ProduceRequest
from kafka.record.default_records import DefaultRecordBatchBuilder

__all__ = ["DescribeTopicPartitionsRequest", "FetchRequest", "InitProducerIdRequest", "ListOffsetsRequest", "MetadataRequest",
           "OffsetForLeaderEpochRequest", "ProduceRequest", "Wire", "batch"]


class Wire:
    """One connection to one port; requests are answered one after the other."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.correlation = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _read(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise ConnectionError("the broker closed the connection")
            data += part
        return data

    def tell(self, kind, version, **fields):
        """Sends a request of `kind` in `version`; returns it with its header."""
        self.correlation += 1
        request = kind(**fields, version=version)
        request.with_header(correlation_id=self.correlation, client_id="wire")
        self.socket.sendall(request.encode(header=True, framed=True))
        return request

    def ask(self, kind, version, **fields):
        """Sends a request of `kind` in `version` and returns the answer."""
        request = self.tell(kind, version, **fields)
        size, = struct.unpack(">i", self._read(4))
        return request.header.get_response_class().decode(self._read(size), header=True)


def batch(values, producer=(-1, -1, -1), timestamp=1_000):
    """A record batch of version 2; `producer` is id, epoch and first sequence number."""
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=0, is_transactional=False, producer_id=producer[0], producer_epoch=producer[1],
        base_sequence=producer[2], batch_size=1 << 24)
    for index, value in enumerate(values):
        builder.append(index, timestamp=timestamp + index, key=None, value=value, headers=[])
    return bytes(builder.build())
