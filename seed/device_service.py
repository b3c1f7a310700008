"""The checkpoints' devices as a program: they watch the simulated world and send what they saw."""

import asyncio
import contextlib
import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import structlog

from domain.clock import utc_now
from domain.errors import InvalidInput
from seed.case_book import CaseBook
from seed.checkpoints import ZHOUZHUANG, checkpoints
from seed.device_link import DeviceLink, Parcel
from seed.devices import Devices, Fleet, Sighted, Source, heartbeat, message, painted, picture
from seed.label_file import LabelFile, iso
from seed.lead_case import LeadCase, lead_case
from seed.passages import Passages
from seed.reception import Reception
from seed.strays import Strays
from seed.suspicions import Suspicion, Suspicions
from seed.truth import builtin_districts
from seed.world import World

DARK_SEED = 1_000_003
"""The barges without AIS are the first of the world this much further on."""
_STALE_S = 60  # a machine that slept does not send its night afterwards
_CASE_BACK_S = 1800  # a case that is noticed late is still read from its beginning
_CASE_STEP = 2


@dataclass(frozen=True, slots=True)
class DeviceOrder:
    """Which world the devices watch. `dark_share`: barges without AIS beside the others, a share.

    `case`: the book of the lead case's beginnings; `since`: epoch seconds from which readings are
    sent afterwards; `truth`: where labels go.
    """

    barges: int
    seed: int
    dark_share: float
    strays: bool
    case: Path | None = None
    since: int | None = None
    truth: Path | None = None
    truth_max_bytes: int = 16_000_000


class Bank:
    """Everything that passes the checkpoints of one world, and the devices that see it."""

    def __init__(self, order: DeviceOrder) -> None:
        self.order = order
        self.points = checkpoints()
        self.devices = Devices(order.seed, self.points, reliable=(ZHOUZHUANG,))
        self.reception = Reception(World(order.barges, order.seed))
        self.strays = Strays(order.seed, order.barges) if order.strays else None
        self.sources = [Source(Fleet.TRAFFIC, Passages(self.reception.world, self.points))]
        dark = round(order.barges * order.dark_share)
        if dark:
            hidden = World(dark, order.seed + DARK_SEED, self.reception.world.graph)
            self.sources.append(Source(Fleet.DARK, Passages(hidden, self.points)))
        if self.strays:
            self.sources += [
                Source(Fleet.STRAY, Passages(world, self.points), number)
                for number, world in enumerate(self.strays.worlds)
            ]
        self._book = CaseBook(order.case) if order.case else None
        self._cases: dict[int, tuple[LeadCase, Source]] = {}

    def due(self, start: int, end: int) -> list[Sighted]:
        """What the devices send in [start, end), and what they saw of a case just noticed."""
        found = []
        playing = self._book.playing() if self._book else ()
        for number, started_at in playing:
            if number not in self._cases and start - _CASE_BACK_S <= started_at < end:
                case = lead_case(self.order.seed, started_at, number)
                source = Source(Fleet.CASE, Passages(case.world, self.points), _CASE_STEP * number)
                self._cases[number] = case, source
                found += self.devices.due([source], started_at, start)
        for number, (case, _) in list(self._cases.items()):
            if start >= case.heard_until or (number, case.started_at) not in playing:
                del self._cases[number]
        return found + self.devices.due(self.all_sources, start, end)

    @property
    def all_sources(self) -> list[Source]:
        """The fleets that are always there, and the lead cases that are on."""
        return [*self.sources, *(source for _, source in self._cases.values())]

    @property
    def cases(self) -> list[LeadCase]:
        """The lead cases that are on."""
        return [case for case, _ in self._cases.values()]


class DeviceTruth:
    """The label file of the devices: `bank` (first line), `passage`, `device_silence`,
    `suspicious`. Times are ISO 8601 in UTC."""

    def __init__(self, path: Path, bank: Bank, max_bytes: int) -> None:
        self._bank = bank
        self._suspicions = Suspicions(
            bank.reception, builtin_districts(), bank.devices, bank.sources, bank.strays
        )
        self._file = LabelFile(path, self._head, max_bytes)

    def record(self, start: int, end: int) -> None:
        """Write what happens in [start, end)."""
        bank = self._bank
        sighted = bank.devices.sighted(bank.all_sources, start, end)
        rows = [_passage_row(one) for one in sighted]
        rows += [
            {
                "kind": "device_silence",
                "checkpoint": p.checkpoint_id,
                "from": iso(s.start),
                "to": iso(s.end),
            }
            for p, s in bank.devices.silences(start, end)
            if start <= s.start < end
        ]
        rows += [suspicion_row(one) for one in self._suspicions.between(start, end, bank.cases)]
        self._file.write(rows)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _head(self) -> list[dict[str, Any]]:
        order = self._bank.order
        return [
            {
                "kind": "bank",
                "seed": order.seed,
                "barges": order.barges,
                "dark_share": order.dark_share,
                "strays": order.strays,
                "points": [point.checkpoint_id for point in self._bank.points],
            }
        ]


def run(order: DeviceOrder, base_url: str, tokens: Path) -> None:
    """Watch and send until SIGTERM or Ctrl-C."""
    asyncio.run(_run(order, base_url, tokens))


async def _run(order: DeviceOrder, base_url: str, tokens: Path) -> None:
    log = structlog.get_logger(__name__)
    read = TokenFile(tokens)
    read()  # a wrong file is told before anything starts
    bank = Bank(order)
    truth = DeviceTruth(order.truth, bank, order.truth_max_bytes) if order.truth else None
    link = DeviceLink(base_url, read, [point.checkpoint_id for point in bank.points])
    log.info("watch", action="devices.start", points=len(bank.points), to=base_url)
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine always runs in a task
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await watch(bank, link, truth)
    if truth:
        truth.close()
    log.info("watch", action="devices.stop", **asdict(link.posted), waiting=link.waiting)


async def watch(bank: Bank, link: DeviceLink, truth: DeviceTruth | None = None) -> None:
    """Offer every second of the bank to `link` when it comes, until cancelled."""
    sending = asyncio.create_task(link.run(), name="devices")
    try:
        second = int(utc_now().timestamp())
        if bank.order.since is not None:
            for one in bank.due(min(bank.order.since, second), second):
                link.offer(parcel(one))
        while not sending.done():
            now = utc_now().timestamp()
            if now - second > _STALE_S:
                second = int(now)
            if second > now:
                await asyncio.sleep(second - now)
            for one in bank.due(second, second + 1):
                for _ in range(1 + one.sent_twice):
                    link.offer(parcel(one))
            for point in bank.devices.beats(second):
                path, body = heartbeat(bank.devices, point, second)
                said = partial(_plain, body)
                link.offer(Parcel(point.checkpoint_id, path, said, keeps=False))
            if truth:
                truth.record(second, second + 1)
            await asyncio.sleep(0)
            second += 1
        await sending  # raises what ended it
    finally:
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sending


def parcel(one: Sighted) -> Parcel:
    """The reading and its still, ready to be sent."""
    path, _ = message(one, None)
    return Parcel(
        one.checkpoint.checkpoint_id,
        path,
        lambda image: message(one, image)[1],
        still=partial(picture, one),
    )


class TokenFile:
    """Tokens by checkpoint from a JSON object in `path`; read again when it changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: int | None = None
        self._tokens: dict[str, str] = {}

    def __call__(self) -> Mapping[str, str]:
        """The tokens; `InvalidInput` for a file that is missing or holds something else, unless
        there were good ones before: those stand until it is mended."""
        try:
            seen = self.path.stat().st_mtime_ns
            if seen != self._seen:
                said = orjson.loads(self.path.read_bytes())
                self._tokens = {str(point): str(token) for point, token in said.items()}
                self._seen = seen
        except (OSError, ValueError, AttributeError):
            if self._tokens:
                return self._tokens
            raise InvalidInput(
                "--tokens", f"a JSON object of tokens by point in {self.path}"
            ) from None
        return self._tokens


def _plain(body: dict[str, Any], _: str | None) -> dict[str, Any]:
    return body


def _passage_row(one: Sighted) -> dict[str, Any]:
    passage = one.passage
    return {
        "kind": "passage",
        "key": one.key,
        "checkpoint": one.checkpoint.checkpoint_id,
        "t": iso(passage.t),
        "clock_s": round(one.device_t - passage.t, 1),
        "fleet": one.fleet.name.lower(),
        "barge": passage.index,
        "mmsi": None if one.fleet is Fleet.DARK else passage.barge.mmsi,
        "name": painted(one.fleet, passage),
        "forth": passage.forth,
        "laden": passage.laden,
        "missed": one.sent_at is None,
    }


def suspicion_row(one: Suspicion) -> dict[str, Any]:
    """A suspicious behaviour as a label."""
    return {
        "kind": "suspicious",
        "rule": str(one.rule),
        "mmsi": one.mmsi,
        "fleet": one.fleet.name.lower(),
        "from": iso(one.start),
        "to": iso(one.end),
        "lon": round(one.lon, 6),
        "lat": round(one.lat, 6),
        "from_adcode": one.from_adcode,
        "to_adcode": one.to_adcode,
        "measured_at": None if one.measured_at is None else iso(one.measured_at),
        "grazing": one.grazing,
        "checkpoint": one.checkpoint_id,
        "key": one.key,
    }
