"""Contracts as others see them: published schemas are those of the code, old messages still parse.

A file in `fixtures/contracts` is never edited: it is what somebody once sent.
"""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from streams.topics.registry import topics
from streams.topics.schema import written

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs" / "contracts"
OLD = sorted((ROOT / "tests" / "fixtures" / "contracts").glob("*.json"))
SCHEMAS = written(topics())


def test_every_contract_is_published_as_it_is() -> None:
    published = {path.name: path.read_text("utf-8") for path in PUBLISHED.glob("*.json")}
    assert published == SCHEMAS, "run `whistle topics schema docs/contracts`"


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMAS[name]))


def test_every_topic_has_an_old_message_of_every_version() -> None:
    found = {tuple(path.stem.rsplit("-v", 1)) for path in OLD}
    wanted = {
        (name, str(number))
        for name, topic in topics().items()
        for number, _ in enumerate(topic.contract.versions, start=1)
    }
    assert found == wanted


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.stem)
def test_old_messages_still_parse(path: Path) -> None:
    topic = topics()[path.stem.rsplit("-v", 1)[0]]
    told: Any = json.loads(path.read_text("utf-8"))
    jsonschema.validate(told, topic.contract.schema())
    record = topic.contract.decode(path.read_bytes())
    again = json.loads(topic.contract.encode(record))
    assert subset(told, again), "what an old message said is not what is read now"


def subset(told: Any, read: Any) -> bool:
    """Whether `read` says all that was told; it may have defaults beside."""
    if isinstance(told, dict):
        return all(key in read and subset(value, read[key]) for key, value in told.items())
    if isinstance(told, list):
        return len(told) <= len(read) and all(map(subset, told, read))
    return bool(told == read)
