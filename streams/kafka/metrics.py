"""A worker's side of the broker in figures, read when somebody asks."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from streams.kafka.ingest import KafkaIngest


class WorkerMetrics(Collector):
    """Names begin with `whistle_stream_`."""

    def __init__(self, worker: "KafkaIngest") -> None:
        self._worker = worker

    def collect(self) -> Iterator[Metric]:
        worker = self._worker
        for name, text, value in (
            ("lag_records", "Records that wait in this worker's partitions.", worker.waiting),
            ("partitions", "Partitions that this worker takes from.", worker.held),
            ("in_hand_messages", "Messages taken and not stored yet.", worker.in_hand),
        ):
            yield GaugeMetricFamily(f"whistle_stream_{name}", text, value=float(value))
        taken = CounterMetricFamily(
            "whistle_stream_records", "Records taken, by topic.", labels=["topic"]
        )
        for topic, count in worker.records.items():
            taken.add_metric([topic], count)
        yield taken
        for name, text, count in (
            ("gaps", "Times that records were gone before they were taken.", worker.gaps),
            ("fenced", "Batches given up because another worker was there.", worker.fenced),
        ):
            yield CounterMetricFamily(f"whistle_stream_{name}", text, value=count)
