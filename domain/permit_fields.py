"""What a paper has to say before the register takes it, by field."""

from typing import Final

from domain.errors import InvalidInput
from domain.permits import PERMIT_KINDS, PURPOSES, TRANSFER, Permit
from domain.registers import PLACE_EXPECTED, is_place

LONGEST_TEXT: Final = 200
"""Characters of a number, a name or a kind of waste."""

YEARS: Final = (1990, 2199)
"""What a term may lie in; 长期 "without end" is written as a last day far away."""

_LARGEST_T: Final = 100_000_000.0


def wrong_fields(permit: Permit) -> list[InvalidInput]:
    """What is wrong with a paper, by field; `[]` when the register can take it.

    A quantity that is used up or overdrawn is not wrong: it is a fact about the carrier.
    """
    faults: list[InvalidInput] = []

    def expect(right: bool, field: str, expected: str) -> None:
        if not right:
            faults.append(InvalidInput(field, f"expected {expected}"))

    for field in ("number", "holder", "waste"):
        text: str = getattr(permit, field)
        expect(is_line(text), field, f"a text of 1 to {LONGEST_TEXT} characters")
    expect(permit.kind in PERMIT_KINDS, "kind", f"one of {', '.join(PERMIT_KINDS)}")
    expect(permit.purpose in PURPOSES, "purpose", f"one of {', '.join(PURPOSES)}")
    if permit.kind != "disposal" and permit.purpose in PURPOSES:
        fits = " or ".join(name for name, kind in TRANSFER.items() if kind == permit.kind)
        expect(
            TRANSFER[permit.purpose] == permit.kind, "purpose", f"{fits} with kind {permit.kind}"
        )
    expect(
        permit.carrier_id is not None or permit.mmsi is not None,
        "mmsi",
        "a vessel or a carrier: the paper has to name one of them",
    )
    if permit.carrier_id is not None:
        expect(is_line(permit.carrier_id), "carrier_id", "the id of a carrier, or nothing")
    if permit.mmsi is not None:
        expect(10**8 <= permit.mmsi < 10**9, "mmsi", "a number of nine digits")
    if permit.quantity_t is not None:
        expect(0 < permit.quantity_t <= _LARGEST_T, "quantity_t", "tonnes above 0, or nothing")
    expect(0 <= permit.used_t <= _LARGEST_T, "used_t", "tonnes, 0 or more")
    expect(is_place(permit.from_adcode), "from_adcode", PLACE_EXPECTED)
    expect(is_place(permit.to_adcode), "to_adcode", PLACE_EXPECTED)
    expect(all(map(is_place, permit.via)), "via", PLACE_EXPECTED)
    for field in ("first_day", "last_day"):
        year = getattr(permit, field).year
        expect(YEARS[0] <= year <= YEARS[1], field, f"a year from {YEARS[0]} to {YEARS[1]}")
    expect(permit.first_day <= permit.last_day, "last_day", "a day not before first_day")
    return faults


def is_line(text: str) -> bool:
    """Whether `text` is one printable line without outer spaces, and not too long."""
    return 0 < len(text) <= LONGEST_TEXT and text.isprintable() and text == text.strip()
