"""What goes out in figures, read when somebody asks."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from streams.outbox.outbox import Outbox
from streams.outbox.sender import Sender


class OutboxMetrics(Collector):
    """Names begin with `whistle_outbox_`; each has a label `channel`."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def collect(self) -> Iterator[Metric]:
        for name, text, attribute in (
            ("sent", "Messages that the other side has.", "sent"),
            ("refused", "Messages given up: they can never be sent.", "refused"),
            ("put_off", "Attempts that ended in a later one.", "put_off"),
        ):
            counter = CounterMetricFamily(f"whistle_outbox_{name}", text, labels=["channel"])
            for one in self._outbox.senders:
                counter.add_metric([one.channel.name], getattr(one, attribute))
            yield counter
        for name, text, value in (
            ("sending", "1 in the process that sends, 0 where one stands by.", _sending),
            ("store_up", "1 while the store answers.", _store_up),
            ("channel_up", "1 while the other side takes what is sent.", _channel_up),
            ("waiting_messages", "Messages that were not sent yet.", _waiting),
            ("dead_messages", "Messages given up that nobody has looked after.", _dead),
            ("oldest_seconds", "For how long the oldest of the waiting is due.", _oldest),
        ):
            gauge = GaugeMetricFamily(f"whistle_outbox_{name}", text, labels=["channel"])
            for one in self._outbox.senders:
                gauge.add_metric([one.channel.name], value(one))
            yield gauge


def registry_of(outbox: Outbox) -> CollectorRegistry:
    """A registry of its own, with this process in it."""
    registry = CollectorRegistry()
    registry.register(OutboxMetrics(outbox))
    return registry


def _sending(one: Sender) -> float:
    return float(one.sending)


def _store_up(one: Sender) -> float:
    return float(one.store_up)


def _channel_up(one: Sender) -> float:
    return float(one.away is None)


def _waiting(one: Sender) -> float:
    return float(one.standing.waiting)


def _dead(one: Sender) -> float:
    return float(one.standing.dead)


def _oldest(one: Sender) -> float:
    return one.standing.oldest_s
