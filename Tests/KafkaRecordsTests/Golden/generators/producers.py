"""Produces the same forty records with three client libraries and every codec, one topic each.

Needs a broker on 127.0.0.1:9092 and the packages confluent-kafka, kafka-python and aiokafka. Creates the topics of
JavaProducers.java too.
"""
import asyncio

from aiokafka import AIOKafkaProducer
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from kafka import KafkaProducer

SERVER = '127.0.0.1:9092'
CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']


def records(nulls):
    for i in range(40):
        key = None if i % 4 == 0 else b'key-%d' % i
        value = None if i % 7 == 6 and i % 4 else (b'value-%d-' % i) * (1 + i % 5)
        headers = [] if i % 3 else [('h', b'x%d' % i), ('empty', b''), ('null', None if nulls else b'')]
        yield 1700000000000 + i * 10 - (i % 2) * 5, key, value, headers


def create_topics():
    libraries = ('librdkafka', 'kafkapython', 'aiokafka', 'java')
    names = ['java-transactions'] + [f'{library}-{codec}' for library in libraries for codec in CODECS]
    admin = AdminClient({'bootstrap.servers': SERVER})
    for created in admin.create_topics([NewTopic(name, 1, 1) for name in names]).values():
        created.result()


def librdkafka(codec):
    producer = Producer({'bootstrap.servers': SERVER, 'compression.type': codec, 'linger.ms': 500,
                         'enable.idempotence': codec == 'zstd'})
    for timestamp, key, value, headers in records(True):
        producer.produce(f'librdkafka-{codec}', key=key, value=value, headers=headers, timestamp=timestamp,
                         partition=0)
    producer.flush()


def kafkapython(codec):
    producer = KafkaProducer(bootstrap_servers=SERVER, compression_type=None if codec == 'none' else codec,
                             linger_ms=500)
    for timestamp, key, value, headers in records(False):
        producer.send(f'kafkapython-{codec}', key=key, value=value, headers=headers, timestamp_ms=timestamp,
                      partition=0)
    producer.close()


async def aio(codec):
    producer = AIOKafkaProducer(bootstrap_servers=SERVER, compression_type=None if codec == 'none' else codec,
                                linger_ms=500, enable_idempotence=False)
    await producer.start()
    sent = [await producer.send(f'aiokafka-{codec}', key=key, value=value, headers=headers, timestamp_ms=timestamp,
                                partition=0)
            for timestamp, key, value, headers in records(False)]
    await asyncio.gather(*sent)
    await producer.stop()


create_topics()
for codec in CODECS:
    librdkafka(codec)
    kafkapython(codec)
    asyncio.run(aio(codec))
