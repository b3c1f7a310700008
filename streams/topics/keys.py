"""From a key to its partition, as the Java client's default partitioner does it (murmur2)."""

from aiokafka.partitioner import murmur2


def vessel_key(mmsi: int) -> bytes:
    """The key of a vessel: its MMSI in decimal."""
    return str(mmsi).encode("ascii")


def partition_of(key: bytes, partitions: int) -> int:
    """The partition that a record with this key belongs to."""
    hashed: int = murmur2(key)
    return (hashed & 0x7FFFFFFF) % partitions
