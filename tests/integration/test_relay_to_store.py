"""From a recording over relay, broker and worker into the store: as if it had come directly."""

import asyncio
from pathlib import Path

from kafka_broker import installation
from kafka_traffic import taken, what_stands, worker, working
from killing import opened
from store_content import LONG_AGO, digests, ingest

from streams.inputs import Input
from streams.kafka.topics import create
from streams.relay.relay import Relay
from streams.settings import RelaySettings
from streams.sources.file import FileSource
from streams.topics.registry import topics


def source(recording: Path) -> Input:
    return Input(FileSource(recording, feed_id="ais"), "file", None)


async def test_the_store_holds_what_it_holds_without_relay_and_broker(
    bootstrap: str, layered_url: str, second_url: str, recording: Path, tmp_path: Path
) -> None:
    await ingest(second_url, source(recording)).run()
    kafka = installation(bootstrap)
    await create(kafka, list(topics().values()))
    settings = RelaySettings(relay_spool=tmp_path / "spool", relay_name="mast-1")
    async with opened(layered_url) as store, opened(second_url) as other:
        async with working(worker(layered_url, kafka)):
            relay = Relay([source(recording)], kafka, settings=settings, streams=LONG_AGO)
            async with asyncio.timeout(120):
                await relay.run()
            await taken(store, relay.delivery.records)
        found, direct = await what_stands(store), await what_stands(other)
    assert len(found["crossings"]) > 3
    assert digests(found) == digests(direct)
    assert found == direct
