"""Alerts, and what stands behind them, put into the store by hand where a test needs control."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from rows import Rows

IDS = UUID("5a6f0d2e-0000-5000-8000-000000000000")
BARGE = 413000917
READING = "6f1c0c1e-1111-4111-8111-111111111111"
ALERT = """
insert into alert (alert_id, behaviour, rule_set, source_kind, source_id, mmsi, subject, state,
                   score, level, reasons, lon, lat, adcode, border_adcodes, began_at, last_at,
                   raised_at, changed_at, retracted_at, retraction)
select $1, $2, '2026-1', $3, $4, $5, $6, $7, $8, $9, $10::text::jsonb, $11, $12, '310118',
       '{320509,320583}', t - interval '1 minute', t, t, t,
       case when $7 = 'retracted' then t end, case when $7 = 'retracted' then $14 end
from (select clock_timestamp() - make_interval(secs => $13) as t) moment
"""
WATCHED = """
insert into watch_cursor (source, upto, revision, recorded_at)
values ('round', clock_timestamp(), 1, clock_timestamp())
on conflict (source) do update set recorded_at = excluded.recorded_at
"""
CHECKPOINT = """
insert into checkpoint values ('wj-jishui', 'wujiang', '急水港卡口', 'Jishui Port checkpoint',
                               120.853, 31.105, 270, 60, 'Jishui Port', '320509', 60,
                               clock_timestamp())
"""
READ = """
insert into reading (reading_id, checkpoint_id, system, source_key, content_hash, t, direction,
                     draught_m, draught_error_m, length_m, beam_m, plate, laden_raw, image_hash,
                     payload, received_at, recorded_at)
select $1::uuid, 'wj-jishui', 'wujiang', $1::uuid::text, sha256($1::uuid::text::bytea), t,
       'forth', $2, $3, 48.5, 10.4, '青货0917', '1', $5, '{}', t, t
from (select clock_timestamp() - make_interval(secs => $4) as t) moment
"""
MATCH = "insert into reading_match values ($1, $2, 0.97, '[]', clock_timestamp())"
HULL = """
insert into hull (mmsi, name, length_m, beam_m, capacity_t, carrier_id, carries_spoil, valid_from,
                  recorded_from)
values ($1, $2, 48.5, 10.4, 1000, 'c-heshun', true, '2025-01-01', clock_timestamp())
"""
CARRIER = """
insert into carrier (carrier_id, name, name_en, home_adcode, valid_from, recorded_from)
values ('c-heshun', '禾顺航运', 'Heshun Shipping', '310118', '2025-01-01', clock_timestamp())
"""
PERMIT = """
insert into permit (permit_id, number, kind, purpose, holder, carrier_id, mmsi, waste, quantity_t,
                    used_t, from_adcode, to_adcode, first_day, last_day, valid_from, recorded_from)
values ('7f1c0c1e-2222-4222-8222-222222222222', '沪环移〔2026〕118', 'approval', 'disposal',
        '青浦示范工地', 'c-heshun', null, '工程渣土', 3000, 1200, '310118', '3212', $1, $2,
        '2025-01-01', clock_timestamp())
"""


def reason(rule: str, weight: int, **facts: Any) -> dict[str, Any]:
    """One reason as the store keeps it; `evidence` is a list of its own."""
    evidence = facts.pop("evidence", [])
    return {"rule": rule, "weight": weight, "facts": facts, "evidence": evidence}


def cite(kind: str, ident: str, ago_s: float = 50) -> dict[str, str]:
    """One piece of evidence."""
    at = datetime.now(UTC) - timedelta(seconds=ago_s)
    return {"kind": kind, "id": ident, "at": at.isoformat()}


LEAVES = {"from": "310118", "to": "320509", "stage": "border_water"}


def lead_reasons() -> list[dict[str, Any]]:
    """The lead case: laden by draught, no approval, no filing, a spoil carrier."""
    return [
        reason(
            "no_paper",
            50,
            **LEAVES,
            missing=["approval", "disposal", "filing"],
            unfit=["approval:expired"],
            evidence=[
                cite("crossing", "c1"),
                cite("permit", "7f1c0c1e-2222-4222-8222-222222222222"),
            ],
        ),
        reason(
            "laden",
            15,
            draught_m=2.7,
            error_m=0.1,
            laden_m=1.97,
            evidence=[cite("reading", READING)],
        ),
        reason("spoil_carrier", 10),
        reason("earlier_cases", 12, count=2, evidence=[cite("alert", str(alert_id("old")), 9e4)]),
        reason("upstream_of_water_source", 5, minutes=95),
    ]


def alert_id(name: str) -> UUID:
    """The id of the alert that a test calls `name`."""
    return uuid5(IDS, name)


def put_alert(rows: Rows, name: str, **said: Any) -> str:
    """One alert; returns its id."""
    ident = alert_id(name)
    fields: dict[str, Any] = {
        "act": "leave",
        "source_kind": "crossing",
        "source_id": "c1",
        "mmsi": BARGE,
        "subject": None,
        "state": "new",
        "score": 92,
        "level": "high",
        "reasons": None,
        "lon": 120.856,
        "lat": 31.106,
        "ago_s": 40.0,
        "retraction": "later fixes",
    } | said
    who = f"mmsi:{fields['mmsi']}" if fields["mmsi"] else "reading:x"
    rows.execute(
        ALERT,
        ident,
        f"{who}/{fields['act']}:{name}/2026-11-23T10",
        fields["source_kind"],
        fields["source_id"],
        fields["mmsi"],
        fields["subject"],
        fields["state"],
        fields["score"],
        fields["level"],
        json.dumps(lead_reasons() if fields["reasons"] is None else fields["reasons"]),
        fields["lon"],
        fields["lat"],
        fields["ago_s"],
        fields["retraction"],
    )
    return str(ident)


def watch(rows: Rows) -> None:
    """From now on somebody looks for alerts, while the beat goes on."""
    rows.execute(WATCHED)


def unwatch(rows: Rows) -> None:
    """From now on nobody looks for alerts."""
    rows.execute("update watch_cursor set recorded_at = clock_timestamp() - interval '20 seconds'")


def lead_case(rows: Rows, picture: bytes | None = None) -> str:
    """The barge of the lead case with its register entries, papers and readings; its alert's id."""
    watch(rows)
    rows.execute(CHECKPOINT)
    rows.execute(CARRIER)
    rows.execute(HULL, BARGE, "青货0917")
    today = datetime.now(UTC).date()
    rows.execute(PERMIT, today - timedelta(days=200), today - timedelta(days=9))
    image = None
    if picture is not None:
        rows.execute(
            "insert into image values (sha256($1), 'image/png', 64, 64, $1, $1, clock_timestamp())",
            picture,
        )
        image = rows.ask("select image_hash from image")[0][0]
    readings = [
        (READING, 2.7, 0.1, 50, image),
        ("6f1c0c1e-1111-4111-8111-222222222222", 0.82, 0.1, 90_000, None),
        ("6f1c0c1e-1111-4111-8111-333333333333", 2.55, 0.12, 180_000, None),
        ("6f1c0c1e-1111-4111-8111-444444444444", 1.62, 0.2, 270_000, None),
        ("6f1c0c1e-1111-4111-8111-555555555555", 0.9, 0.1, 400_000, None),
    ]
    for ident, draught, error, ago, shot in readings:
        rows.execute(READ, ident, draught, error, float(ago), shot)
        rows.execute(MATCH, ident, BARGE)
    put_alert(rows, "old", state="validated", score=61, level="medium", ago_s=90_000)
    return put_alert(rows, "lead")


def storm(rows: Rows) -> dict[str, str]:
    """One of each beside the lead case; ids by name."""
    return {
        "dark": put_alert(
            rows,
            "dark",
            act="no_ais",
            mmsi=None,
            source_kind="reading",
            source_id=READING,
            score=71,
            level="high",
            ago_s=370,
            lon=120.80,
            lat=31.005,
            reasons=[
                reason(
                    "no_ais",
                    35,
                    checkpoint="wj-jishui",
                    length_m=45,
                    evidence=[cite("reading", READING)],
                ),
                reason("laden", 15, draught_m=2.4, error_m=0.1),
            ],
        ),
        "stop": put_alert(
            rows,
            "stop",
            act="stop",
            mmsi=413000311,
            subject="嘉货311",
            score=64,
            level="medium",
            state="seen",
            ago_s=870,
            lon=120.95,
            lat=30.97,
            reasons=[
                reason("loitering", 20, minutes=52, adcode="330421"),
                reason("laden", 15, draught_m=2.4, error_m=0.1),
                reason("spoil_carrier", 10),
            ],
        ),
        "silent": put_alert(
            rows,
            "silent",
            act="silent",
            mmsi=413008806,
            subject="苏运8806",
            score=38,
            level="low",
            ago_s=1800,
            lon=120.75,
            lat=30.98,
            reasons=[
                reason("silent_in_border_water", 25, minutes=22, adcodes=["320509", "330421"]),
                reason("spoil_carrier", 10),
            ],
        ),
        "gone": put_alert(
            rows,
            "gone",
            act="silent",
            mmsi=413005512,
            subject="沪青浦5512",
            score=41,
            level="medium",
            state="retracted",
            ago_s=2500,
            lon=120.97,
            lat=31.10,
            reasons=[
                reason("silent_in_border_water", 25, minutes=18, adcodes=["310118", "320583"])
            ],
        ),
    }
