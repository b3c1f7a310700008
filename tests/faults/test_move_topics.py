"""From one set of topics to another with other partitions, as docs/operations.md says: relays are
turned to the new ones, the old ones are taken to their ends, then the workers follow.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from kafka_broker import installation
from kafka_traffic import (
    messages_of,
    producing,
    records_of,
    send,
    taken,
    what_stands,
    worker,
    working,
)
from killing import opened
from store_content import digests, ingest

from seed.history import RECORDED_FROM, write_history
from streams.inputs import Input
from streams.kafka.topics import check, create
from streams.sources.file import FileSource
from streams.topics.registry import topics


@pytest.mark.faults
async def test_the_content_is_that_of_a_run_that_never_moved(
    bootstrap: str, database_url: str, second_url: str, tmp_path: Path
) -> None:
    recording = tmp_path / "day.nmea"
    until = RECORDED_FROM + 900
    write_history(recording, barges=25, seed=6, until=until, duration_s=900)
    async with opened(second_url) as store:
        await ingest(second_url, Input(FileSource(recording, feed_id="ais"), "file", None)).run()
        undisturbed = await what_stands(store)
    assert undisturbed["crossings"]
    # one message a record: batches are made for the number of partitions that there is
    records = list(records_of(messages_of(recording), together=1))
    half = len(records) // 2
    old, new = installation(bootstrap, kafka_session_s=3), installation(bootstrap)
    fewer = [replace(one, partitions=min(5, one.partitions)) for one in topics().values()]
    await create(new, fewer)
    assert any("5 partitions" in one.said for one in await check(new, fewer))
    async with producing(old) as producer:
        await send(old, producer, records[:half])
    async with producing(new) as producer:  # relays are turned first
        await send(new, producer, records[half:])
    async with opened(database_url) as store:
        async with working(worker(database_url, old)):
            await taken(store, half, 240)
        async with working(worker(database_url, new)):
            await taken(store, len(records), 240)
        moved = await what_stands(store)
    assert digests(moved) == digests(undisturbed)
    assert moved == undisturbed
