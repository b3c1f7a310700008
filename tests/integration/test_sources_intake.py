"""Reading a descriptor: what ends it and what does not."""

import asyncio
import socket

from streams.sources.intake import Ending, Intake


async def test_a_wake_up_for_nothing_ends_nothing() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        intake = Intake(ours.fileno())
        reading = asyncio.create_task(intake.read())
        for _ in range(3):
            await asyncio.sleep(0)
            intake._wake()
        await asyncio.sleep(0)
        assert not reading.done()
        theirs.send(b"still here")
        assert await reading == b"still here"
        assert intake.ending is None
        theirs.close()
        assert await intake.read() == b""
        assert intake.ending is Ending.CLOSED


async def test_a_stop_ends_the_wait() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        intake = Intake(ours.fileno())
        reading = asyncio.create_task(intake.read())
        await asyncio.sleep(0)
        theirs.send(b"too late")
        intake.stop()
        assert await reading == b""
        assert intake.ending is Ending.STOPPED
