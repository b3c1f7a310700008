"""One paper as a person types it into a form: read like a line of the file, faults by field."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from domain import cells
from domain.csv_table import Column, WrongCell
from domain.errors import InvalidInput
from domain.permit_csv import COLUMNS
from domain.permit_fields import wrong_fields
from domain.permits import Permit, midnight, permit_id_of

LONGEST: Final = 400
"""Characters of a field that are looked at."""
FIELDS: Final = tuple(column.field for column in COLUMNS)


class WrongEntry(InvalidInput):
    """A form with wrong fields; `faults`: field → what was expected, all at once."""

    code = "input.entry"

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        field, expected = next(iter(self.faults.items()))
        super().__init__(field, expected)


def read_entry(texts: Mapping[str, str]) -> Permit:
    """The paper that the texts of a form say, by the field's name. Raises `WrongEntry`."""
    faults: dict[str, str] = {}
    said: dict[str, Any] = {}
    for column in COLUMNS:
        text = texts.get(column.field, "").strip()[:LONGEST]
        said[column.field] = column.blank
        if not text and not column.needed:
            continue
        try:
            said[column.field] = _read(column, text)
        except WrongCell as fault:
            faults[column.field] = str(fault)
            said[column.field] = column.stand_in
    if "purpose" in faults:
        said["purpose"] = "utilisation" if said["kind"] == "filing" else "disposal"
    said["used_t"] = said["used_t"] or 0.0
    permit = Permit(permit_id=permit_id_of(said["kind"], said["number"]), **said)
    for wrong in wrong_fields(permit):
        faults.setdefault(wrong.field, wrong.expected.removeprefix("expected "))
    if faults:
        raise WrongEntry(faults)
    return permit


def _read(column: Column, text: str) -> Any:  # noqa: ANN401 - what the column says
    if not text:
        raise WrongCell("a value")
    return column.read(text)


def changes(before: Permit, after: Permit) -> dict[str, Any]:
    """The fields of `after` that differ, apart from what makes it the paper that it is."""
    fixed = {"permit_id", "number", "kind", "withdrawn_at"}
    names = [field.name for field in fields(Permit) if field.name not in fixed]
    return {
        name: getattr(after, name)
        for name in names
        if getattr(before, name) != getattr(after, name)
    }


def written(permit: Permit) -> dict[str, str]:
    """The texts of a form that `read_entry` takes back unchanged."""
    found: dict[str, str] = {}
    for column in COLUMNS:
        value = getattr(permit, column.field)
        found[column.field] = "" if value is None else str(column.write(value))
    return found


def read_since(text: str) -> datetime | None:
    """Since when a change holds: midnight in Shanghai of a day; `None` for nothing, from now on.

    Raises `WrongEntry`.
    """
    if not text.strip():
        return None
    try:
        return midnight(cells.day(text.strip()[:LONGEST]))
    except WrongCell as fault:
        raise WrongEntry({"since": str(fault)}) from None
