"""The inputs of one ingest: each a source under a feed of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from db.feed import Feed
from domain.errors import InvalidInput
from streams.settings import StreamSettings
from streams.sources.address import parse_address
from streams.sources.file import FileSource
from streams.sources.source import Source
from streams.sources.stdin import StdinSource
from streams.sources.tcp_client import TcpClient
from streams.sources.tcp_server import TcpServer
from streams.sources.udp import UdpSource

_STATION = ("AIS 岸站", "AIS shore station")
_NAMES = {
    "listen": _STATION,
    "connect": _STATION,
    "udp": _STATION,
    "file": ("AIS 录制文件", "AIS recording"),
    "stdin": ("AIS 标准输入", "AIS standard input"),
}
_DEFAULT_FEED = "ais"
"""The station's own feed, also where a recording fills in its past."""


@dataclass(frozen=True, slots=True)
class Input:
    """A source, how it came to be (`way`: listen, connect, udp, file, stdin), any address."""

    source: Source
    way: str
    address: str | None

    @property
    def feed_id(self) -> str:
        return self.source.feed_id

    def feed(self) -> Feed:
        """The row for the register when the feed is new."""
        name_zh, name_en = _STATION if self.feed_id == _DEFAULT_FEED else _NAMES[self.way]
        return Feed(self.feed_id, "ais", name_zh, name_en, self.address)

    def resume(self, offset: int) -> None:
        """Begin reading at this byte; of a replayable source only."""
        if isinstance(self.source, FileSource):
            self.source.offset = offset


def feed_ids(base: str, count: int) -> list[str]:
    """A name per input of one process: `base`, `base-2`, `base-3`, …"""
    return [base if n == 1 else f"{base}-{n}" for n in range(1, count + 1)]


def open_inputs(
    feed_id: str,
    *,
    listen: Sequence[str] = (),
    connect: Sequence[str] = (),
    udp: Sequence[str] = (),
    files: Sequence[Path] = (),
    speed: float | None = None,
    stdin: bool = False,
    settings: StreamSettings | None = None,
) -> list[Input]:
    """The inputs that a command line names, ports taken and files found.

    Raises `InvalidInput` for none at all, a bad address, a taken port, an unreadable file.
    """
    count = len(listen) + len(connect) + len(udp) + len(files) + stdin
    if not count:
        raise InvalidInput("input", "expected --listen, --connect, --udp, --file or --stdin")
    chosen = settings or StreamSettings()
    names = iter(feed_ids(feed_id, count))
    inputs = []
    for address in listen:
        host, port = parse_address(address, "listen")
        server = TcpServer(
            host,
            port,
            feed_id=next(names),
            idle_s=chosen.source_idle_s,
            connections=chosen.source_connections,
        )
        server.open()
        inputs.append(Input(server, "listen", address))
    for address in connect:
        host, port = parse_address(address, "connect")
        client = TcpClient(
            host,
            port,
            feed_id=next(names),
            idle_s=chosen.source_idle_s,
            retry_first_s=chosen.source_retry_first_s,
            retry_most_s=chosen.source_retry_most_s,
        )
        inputs.append(Input(client, "connect", address))
    for address in udp:
        host, port = parse_address(address, "udp")
        datagrams = UdpSource(
            host,
            port,
            feed_id=next(names),
            idle_s=chosen.source_idle_s,
            buffer_kib=chosen.source_udp_kib,
        )
        datagrams.open()
        inputs.append(Input(datagrams, "udp", address))
    for path in files:
        inputs.append(Input(FileSource(path, feed_id=next(names), speed=speed), "file", None))
    if stdin:
        inputs.append(Input(StdinSource(feed_id=next(names)), "stdin", None))
    return inputs
