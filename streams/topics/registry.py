"""The register of topics: every module of this package that has a `TOPIC`."""

import importlib
import pkgutil

import streams.topics as package
from streams.topics.topic import Topic


def topics() -> dict[str, Topic]:
    """All topics by name, in order of name. Raises `ValueError` when two have one name."""
    found: dict[str, Topic] = {}
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        topic = getattr(importlib.import_module(module.name), "TOPIC", None)
        if topic is None:
            continue
        if topic.name in found:
            raise ValueError(f"two modules of {package.__name__} describe {topic.name}")
        found[topic.name] = topic
    return dict(sorted(found.items()))


def incoming() -> dict[str, Topic]:
    """The topics that ingest reads."""
    return {name: topic for name, topic in topics().items() if topic.take is not None}
