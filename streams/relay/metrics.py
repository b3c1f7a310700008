"""The relay in figures, read when somebody asks."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from streams.inputs import Input
from streams.sources.udp import UdpSource

if TYPE_CHECKING:
    from streams.relay.relay import Relay


class RelayMetrics(Collector):
    """Names begin with `whistle_relay_`, but for those of the sources."""

    def __init__(self, relay: "Relay") -> None:
        self._relay = relay

    def collect(self) -> Iterator[Metric]:
        relay = self._relay
        spool, delivery = relay.spool, relay.delivery
        taken = CounterMetricFamily(
            "whistle_relay_sentences", "Sentences taken from receivers.", labels=["feed"]
        )
        for feed_id, count in relay.sentences.items():
            taken.add_metric([feed_id], count)
        yield taken
        yield from _sources(relay.inputs)
        for name, text, count in (
            ("delivered_messages", "Messages that the broker has.", delivery.delivered),
            ("delivered_records", "Records that the broker has.", delivery.records),
            ("resent_messages", "Messages sent again: they may be there twice.", delivery.again),
            ("spool_dropped_messages", "Messages given up for lack of room.", spool.dropped),
            ("spool_damaged_bytes", "Bytes of the spool that could not be read.", spool.damaged),
        ):
            yield CounterMetricFamily(f"whistle_relay_{name}", text, value=count)
        for name, text, value in (
            ("spool_bytes", "Bytes that the broker does not have yet.", spool.pending_bytes),
            ("spool_messages", "Messages of them.", spool.pending_messages),
            ("spool_limit_bytes", "Bytes that may wait.", spool.limit_bytes),
            ("spool_writes", "1 while the disk takes the spool.", spool.fault is None),
            ("broker_up", "1 while the broker takes records.", delivery.up),
            ("broker_waited_seconds", "Seconds since the broker took something.",
             delivery.waited_s),
        ):  # fmt: skip
            yield GaugeMetricFamily(f"whistle_relay_{name}", text, value=float(value))


def registry_of(relay: "Relay") -> CollectorRegistry:
    """A registry of its own, with this relay in it."""
    registry = CollectorRegistry()
    registry.register(RelayMetrics(relay))
    return registry


def _sources(inputs: Sequence[Input]) -> Iterator[Metric]:
    connected = GaugeMetricFamily(
        "whistle_source_connected", "1 while sentences could come.", labels=["feed"]
    )
    lost = CounterMetricFamily(
        "whistle_source_lost",
        "Datagrams or numbered lines that did not come.",
        labels=["feed", "why"],
    )
    for one in inputs:
        connected.add_metric([one.feed_id], float(one.source.connected))
        if isinstance(one.source, UdpSource):
            losses = one.source.losses
            for why in ("kernel", "missing", "late", "cut", "empty"):
                lost.add_metric([one.feed_id, why], getattr(losses, why))
    yield connected
    yield lost
