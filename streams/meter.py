"""An ingest in figures, for Prometheus: what was stored, and how long a batch took."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from streams.handlers.work import Tally

_BATCH_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Meter:
    """Names begin with `whistle_ingest_`; `registry` may hold more of the same process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._messages = Counter(
            "whistle_ingest_messages",
            "Messages stored or refused, by outcome as in feed_count.",
            ["outcome"],
            registry=self.registry,
        )
        self._batches = Histogram(
            "whistle_ingest_batch_seconds",
            "Seconds from a batch's first try to its commit.",
            buckets=_BATCH_S,
            registry=self.registry,
        )

    def stored(self, tally: Tally, seconds: float) -> None:
        """A batch is committed."""
        for (_, _, outcome), count in tally.counts.items():
            self._messages.labels(outcome).inc(count)
        self._batches.observe(seconds)
