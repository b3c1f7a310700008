"""Papers of invented firms for tests of the register."""

from datetime import UTC, date, datetime
from typing import Any

from domain.permits import Permit, permit_id_of
from domain.registers import Carrier, Hull

AGO = datetime(2026, 1, 1, tzinfo=UTC)
MMSI = 413900001
SAILS = Carrier("c-yun", "云帆水运", "Yunfan Shipping", "310118")
OTHER = Carrier("c-he", "和顺航运", "Heshun Shipping", "3205")
BARGE = Hull(MMSI, "云帆001", 48.0, 10.2, 1000.0, carrier_id="c-yun", carries_spoil=True)


def paper(number: str = "沪固转2026-01", kind: str = "approval", **changes: Any) -> Permit:
    """An approval to bring 5 000 t of spoil from Qingpu to Taizhou for disposal, but `changes`."""
    said: dict[str, Any] = {
        "permit_id": permit_id_of(kind, number),
        "number": number,
        "kind": kind,
        "purpose": "disposal",
        "holder": "青溪建设",
        "carrier_id": None,
        "mmsi": MMSI,
        "waste": "spoil",
        "quantity_t": 5000.0,
        "used_t": 0.0,
        "from_adcode": "310118",
        "to_adcode": "3212",
        "first_day": date(2026, 3, 1),
        "last_day": date(2027, 12, 31),
    }
    return Permit(**{**said, **changes})
