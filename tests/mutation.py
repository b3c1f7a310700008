"""Messages as a broken or hostile sender might send them: sound ones, changed here or there."""

import json
import random
from typing import Any

ODD: list[Any] = [
    None, True, -1, 0, 1, 2**31, 2**63, 2**64, -(2**63) - 1, 1e308, -0.0, 0.5, 181, "", "\0", "沪",
    "a" * 20_000, "\ud800", "ÿ", "v", [], {}, [[]], {"v": 1}, "2026-03-01", 999_999_999_999, 102.3,
]  # fmt: skip


def mutated(value: bytes, chance: random.Random) -> bytes:
    """`value` with one to three changes."""
    for _ in range(chance.randint(1, 3)):
        value = _in_sense(value, chance) if chance.random() < 0.7 else _in_bytes(value, chance)
    return value


def _in_bytes(value: bytes, chance: random.Random) -> bytes:
    if not value:
        return bytes([chance.randrange(256)])
    at, upto = sorted(chance.randrange(len(value) + 1) for _ in range(2))
    match chance.randrange(5):
        case 0:
            return value[:at]
        case 1:
            return value[:at] + value[upto:]
        case 2:
            return value[:at] + bytes([chance.randrange(256)]) + value[at + 1 :]
        case 3:
            return value[:upto] + value[at:]
        case _:
            return value[:at] + chance.choice([b"[" * 3000, b'"', b"\\", b"\xff", b"9" * 400])


def _in_sense(value: bytes, chance: random.Random) -> bytes:
    try:
        told = json.loads(value)
    except (ValueError, RecursionError):
        return value
    places = list(_places(told))
    if not places:
        return value
    holder, key = chance.choice(places)
    match chance.randrange(4):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.insert(key, chance.choice(ODD))
        case 2:
            other, at = chance.choice(places)
            holder[key] = other[at] if other is not holder else chance.choice(ODD)
        case _:
            holder[key] = chance.choice(ODD)
    try:
        return json.dumps(told).encode()
    except (ValueError, RecursionError):  # it holds itself now
        return value


def _places(told: Any) -> Any:
    """Every (container, key or index) below."""
    if isinstance(told, dict | list):
        for key in list(told) if isinstance(told, dict) else range(len(told)):
            yield told, key
            yield from _places(told[key])
