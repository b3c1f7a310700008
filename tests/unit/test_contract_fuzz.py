"""Whatever becomes of a message, it is accepted or refused, item by item, and nothing falls."""

import random
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutation import mutated
from nmea import NOW

from streams.contracts.contract import BadRecord
from streams.contracts.messages import Message, Rejected
from streams.topics.registry import topics
from streams.topics.topic import Limits, Record, Topic

FIXTURES = Path(__file__).parents[1] / "fixtures" / "contracts"
LIMITS = Limits(lambda: NOW, timedelta(days=30), timedelta(minutes=1), timedelta(seconds=10))
ALL = sorted(topics())


class Items(msgspec.Struct):
    """What is counted of a batch."""

    items: list[msgspec.Raw]


def sound(name: str) -> bytes:
    return (FIXTURES / f"{name}-v1.json").read_bytes()


def outcome(topic: Topic, value: bytes) -> list[Message] | None:
    """The messages of a record, `None` when it was refused whole."""
    try:
        if topic.take is None:
            topic.contract.decode(value)
            return []
        return topic.take(Record(topic.name, 3, 4711, b"k", value, NOW), LIMITS)
    except BadRecord:
        return None


def holds(name: str, chance: random.Random) -> bool:
    """One mutated message: every item has one outcome. Whether it was accepted."""
    value = mutated(sound(name), chance)
    found = outcome(topics()[name], value)
    if found is None:
        return False
    if name == "vessel.positions":
        assert len(found) == len(msgspec.json.decode(value, type=Items).items)
    return not any(isinstance(message, Rejected) for message in found)


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=300)
@given(seed=st.integers(0, 2**64))
def test_a_mutated_message_is_accepted_or_refused(name: str, seed: int) -> None:
    holds(name, random.Random(seed))


@pytest.mark.faults
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", ALL)
def test_two_hundred_thousand_mutated_messages(name: str) -> None:
    chance = random.Random(2024)
    accepted = sum(holds(name, chance) for _ in range(200_000))
    print(f"{name}: {accepted} accepted whole, {200_000 - accepted} refused in part or whole")
    assert 0 < accepted < 200_000


@pytest.mark.parametrize("name", ALL)
def test_the_sound_message_is_accepted(name: str) -> None:
    found = outcome(topics()[name], sound(name))
    assert found is not None
