"""The contracts as JSON Schema, for whoever sends to us or reads from us."""

import json
from collections.abc import Mapping

from streams.topics.topic import Topic


def written(topics: Mapping[str, Topic]) -> dict[str, str]:
    """File name → text, as they stand in docs/contracts."""
    return {
        f"{name}.json": json.dumps(topic.contract.schema(), indent=1, ensure_ascii=False) + "\n"
        for name, topic in topics.items()
    }
