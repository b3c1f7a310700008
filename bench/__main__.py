"""`python -m bench [NAME …]`: measure, print a table each, keep it under docs/results/."""

import asyncio
import importlib
import sys

import structlog

from bench.table import publish

BENCHES = {
    "ingest": "Ingest: from the sentence to the committed row",
    "relay": "Relay: from the sentence to the broker's answer",
    "stream": "Kafka: from the broker to the row, persisted and checked",
    "stream_memory": "Memory of relay and worker over half an hour",
    "compaction": "Old positions: bytes as rows and as blocks",
    "detection": "Detection on arrays",
    "fusion": "Fusion over a simulated day",
    "door": "The checkpoints' door under a flood",
    "latency": "Latency: from the sentence to the pixel",
    "viewers": "Viewers: thirty on one console",
    "storm": "A storm of alerts on the console",
    "memory": "Memory of ingest and console",
    "alerts": "Alerts: precision, recall, minutes until they are told",
}


def main(names: list[str]) -> int:
    """Run the benches named, or all of them; exit code 2 for an unknown name."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    unknown = sorted(set(names) - set(BENCHES))
    if unknown:
        sys.stderr.write(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHES)}\n")
        return 2
    for name in names or BENCHES:
        bench = importlib.import_module(f"bench.{name}")
        publish(name.replace("_", "-"), BENCHES[name], asyncio.run(bench.measure()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
