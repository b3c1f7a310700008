"""One moment of the waterways as every screen shows it: read once a second, never changed.

Times are epoch seconds (UTC); unknown is `None`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from dashboard.alert import Alert
from domain.checkpoints import Health, System
from domain.positions import FixFlag
from domain.reporting import lost_after_s

STILL_KN: Final = 0.5
"""Below this speed over ground a course is noise: the vessel lies still."""
KMH_PER_KN: Final = 1.852


@dataclass(frozen=True, slots=True)
class Vessel:
    """The newest trusted fix of one vessel, with its declared name and length.

    `unheard_s`: for how long its feed or receiver has heard nobody. That silence is not its own.
    """

    mmsi: int
    t: float
    lon: float
    lat: float
    sog_kn: float | None
    cog_deg: float | None
    heading_deg: int | None
    nav_status: int | None
    message_type: int
    flags: FixFlag
    adcode: str
    border_water: bool
    feed_id: str
    name: str | None = None
    length_m: float | None = None
    unheard_s: float = 0.0

    @property
    def moving(self) -> bool:
        """Whether it makes way; one that does not say its speed does if it has a course."""
        if self.sog_kn is None:
            return self.cog_deg is not None
        return self.sog_kn >= STILL_KN

    @property
    def direction_deg(self) -> float | None:
        """Where the bow points, else where it goes; `None` for a still vessel without heading."""
        if self.heading_deg is not None:
            return float(self.heading_deg)
        return self.cog_deg if self.moving else None

    @property
    def lost_after_s(self) -> float:
        """Age of the fix from which on it counts as lost: min(6 min, 5 reporting intervals)."""
        own = lost_after_s(self.message_type, self.sog_kn, self.nav_status)
        return own + self.unheard_s

    def lost(self, now: float) -> bool:
        """Whether it has been silent for too long at `now`."""
        return now - self.t > self.lost_after_s

    @property
    def speed_kmh(self) -> float | None:
        """Speed over ground as officers say it."""
        return None if self.sog_kn is None else self.sog_kn * KMH_PER_KN


@dataclass(frozen=True, slots=True)
class Passage:
    """A confirmed crossing as the lists show it."""

    crossing_id: str
    mmsi: int
    name: str | None
    from_adcode: str
    to_adcode: str
    via: tuple[str, ...]
    crossed_at: float
    confirmed_at: float
    lon: float
    lat: float
    by: str
    grazing: bool


@dataclass(frozen=True, slots=True)
class DeadReceiver:
    """A receiver that hears nobody any more, `since` its last minute with anybody."""

    station: str
    since: float


@dataclass(frozen=True, slots=True)
class Feed:
    """How one source does. `rate` is sentences per second; counts are per outcome."""

    feed_id: str
    name_zh: str | None
    name_en: str | None
    connected: bool
    recorded_at: float
    last_sentence_at: float | None
    last_fix_at: float | None
    ended_at: float | None
    queued: int
    queue_limit: int
    rate: float | None = None
    silent_after_s: float = 2.5
    dead_receivers: tuple[DeadReceiver, ...] = ()
    hour: Mapping[str, int] = field(default_factory=dict)
    day: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker of the consumer group. `waiting`: records at the broker in its partitions."""

    recorded_at: float
    waiting: int
    broker_lost_at: float | None


@dataclass(frozen=True, slots=True)
class Relay:
    """What a relay last told of its spool; `heard_at`: when that came here."""

    name: str
    heard_at: float
    waiting_messages: int
    waiting_bytes: int
    limit_bytes: int
    dropped_messages: int
    spool_fault: str | None


@dataclass(frozen=True, slots=True)
class Device:
    """One checkpoint on the water and how it did at the moment of the snapshot."""

    checkpoint_id: str
    system: System
    name_zh: str
    name_en: str
    lon: float
    lat: float
    last_contact_at: float | None
    health: Health


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the Live page shows at one tick, `taken_at` by the store's clock.

    `tick` only grows, over restarts too.
    """

    tick: int
    taken_at: float
    vessels: tuple[Vessel, ...]
    crossings: tuple[Passage, ...]
    crossings_today: int
    feeds: tuple[Feed, ...]
    alerts: tuple[Alert, ...] = ()
    """In the order of the rail: `dashboard.alert.rank`; the weightiest when there are too many."""
    alerts_open: int = 0
    """How many still count, listed or not."""
    alerts_hour: int = 0
    """Raised in the last 60 minutes."""
    watched_at: float | None = None
    """When the watch last ended a round; `None` if it never ran on this store."""
    workers: tuple[Worker, ...] = ()
    """Of the consumer group, heard of today; none where nothing comes by a broker."""
    relays: tuple[Relay, ...] = ()
    checkpoints: tuple[Device, ...] = ()
    """Every registered one, Wujiang's first."""
    tails: Mapping[int, tuple[tuple[float, float], ...]] = field(default_factory=dict)

    def vessel(self, mmsi: int) -> Vessel | None:
        """The vessel of that MMSI, if it is in the picture."""
        return next((vessel for vessel in self.vessels if vessel.mmsi == mmsi), None)

    def alert(self, alert_id: str) -> Alert | None:
        """The alert of that id, if it is in the picture."""
        return next((alert for alert in self.alerts if alert.alert_id == alert_id), None)

    @property
    def open_alerts(self) -> int:
        """How many alerts still count: the number on the rail, the bar and the map."""
        return max(self.alerts_open, sum(alert.open for alert in self.alerts))

    @property
    def unlisted_alerts(self) -> int:
        """How many of them are too light to be listed while there are so many."""
        return self.open_alerts - sum(alert.open for alert in self.alerts)

    @property
    def lost(self) -> int:
        """How many vessels count as lost."""
        return sum(vessel.lost(self.taken_at) for vessel in self.vessels)


def silent_after_s(rate: float | None, floor_s: float) -> float:
    """Silence after which a connected feed is suspect: 8 mean intervals, at least `floor_s`.

    A busy feed is missed within seconds; one that hears three moored barges is given its time.
    """
    if not rate:
        return max(floor_s, 600.0)
    return min(600.0, max(floor_s, 8.0 / rate))
