"""An alert from the first suspicion to its end, in a real store: one per behaviour."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from commands.handle_alert import HandleAlerts, handle_alert, handle_alerts
from commands.raise_alert import RaiseAlert, Raised, raise_alert
from commands.retract_alert import RetractAlert, retract_alert
from db import event
from db.alert import CHANNEL, earlier_cases, open_alerts, read_alerts
from db.command import CommandReused
from domain.alert_life import (
    Alert,
    AlertAction,
    AlertState,
    StaleAlert,
    Suspicion,
    UnknownAlert,
    alert_id_of,
)
from domain.errors import InvalidInput

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def reason(rule: str, weight: int, **facts: object) -> Mapping[str, Any]:
    return {
        "rule": rule,
        "weight": weight,
        "facts": facts,
        "evidence": [{"kind": "crossing", "id": "x", "at": NOON.isoformat()}],
    }


def suspicion(number: int = 1, **changes: Any) -> Suspicion:
    found = Suspicion(
        behaviour=f"mmsi:41300000{number}/leave:310118/2026-11-20T12",
        rule_set="2026-1",
        source_kind="crossing",
        source_id="x",
        mmsi=413000000 + number,
        subject="苏宏运 8807",
        score=55,
        level="medium",
        reasons=(reason("spoil_carrier", 20), reason("no_paper", 35, to_adcode="320509")),
        lon=120.86,
        lat=31.1,
        adcode="310118",
        border_adcodes=("320509", "320583"),
        began_at=NOON,
        last_at=NOON,
    )
    return replace(found, **changes)


WORSE = {
    "score": 85,
    "level": "high",
    "reasons": (*suspicion().reasons, reason("laden", 30, draught_m=2.6)),
    "last_at": NOON + 3 * MINUTE,
}


async def raised(pool: asyncpg.Pool, number: int = 1, **changes: Any) -> Raised:
    async with pool.acquire() as connection:
        return await raise_alert(connection, "watch", RaiseAlert(suspicion(number, **changes)))


async def do(
    pool: asyncpg.Pool,
    action: AlertAction,
    alert: Alert,
    *,
    actor: str = "Zhou",
    expected: AlertState | None = None,
    **words: Any,
) -> Alert:
    """One action on one alert as it stands in `alert`; returns it afterwards."""
    command = HandleAlerts(uuid4(), action, {alert.alert_id: expected or alert.state}, **words)
    async with pool.acquire() as connection:
        await handle_alert(connection, actor, command)
        return (await read_alerts(connection, [alert.alert_id]))[alert.alert_id]


async def kinds(pool: asyncpg.Pool, alert: Alert) -> list[str]:
    async with pool.acquire() as connection:
        assert await event.verify(connection, "alert", str(alert.alert_id)) == []
        return [e.kind for e in await event.stream(connection, "alert", str(alert.alert_id))]


async def test_the_same_suspicion_is_one_alert(pool: asyncpg.Pool) -> None:
    first = await raised(pool)
    again = await raised(pool)
    assert (first.kind, again.kind) == ("alert.raised", None)
    assert first.alert == again.alert
    assert first.alert.alert_id == alert_id_of(suspicion().behaviour)
    assert first.alert.rules == {"spoil_carrier", "no_paper"}
    assert await kinds(pool, first.alert) == ["alert.raised"]


async def test_ten_finders_at_once_raise_one(pool: asyncpg.Pool) -> None:
    made = await asyncio.gather(*(raised(pool) for _ in range(10)))
    assert sorted(one.kind or "" for one in made) == [""] * 9 + ["alert.raised"]
    assert len({one.alert.alert_id for one in made}) == 1


async def test_more_against_it_raises_it_and_unsees_it(pool: asyncpg.Pool) -> None:
    first = await raised(pool)
    seen = await do(pool, AlertAction.SEE, first.alert)
    assert (seen.state, seen.handled_by) == (AlertState.SEEN, "Zhou")
    worse = await raised(pool, **WORSE)
    assert worse.kind == "alert.raised_again"
    assert (worse.alert.state, worse.alert.score, worse.alert.level) == ("new", 85, "high")
    assert worse.alert.raised_at == first.alert.raised_at
    assert worse.alert.last_at == NOON + 3 * MINUTE
    assert await kinds(pool, worse.alert) == ["alert.raised", "alert.seen", "alert.raised_again"]


async def test_less_against_it_changes_nothing(pool: asyncpg.Pool) -> None:
    worse = await raised(pool, **WORSE)
    less = await raised(pool)
    assert (less.kind, less.alert) == (None, worse.alert)


async def test_a_rejected_alert_comes_back_only_with_something_new(pool: asyncpg.Pool) -> None:
    first = await raised(pool)
    rejected = await do(pool, AlertAction.REJECT, first.alert, note="filing shown by phone")
    assert (rejected.state, rejected.note) == (AlertState.REJECTED, "filing shown by phone")
    assert (await raised(pool, last_at=NOON + 60 * MINUTE)).kind is None
    worse = await raised(pool, **WORSE)
    assert (worse.kind, worse.alert.state, worse.alert.reopened) == ("alert.reopened", "new", 1)


async def test_a_retracted_alert_is_kept_with_both_times_and_can_come_back(
    pool: asyncpg.Pool,
) -> None:
    first = await raised(pool)
    async with pool.acquire() as connection:
        command = RetractAlert(first.alert.alert_id, "paper_found")
        gone = await retract_alert(connection, "watch", command)
        assert await retract_alert(connection, "watch", command) is None
        assert await open_alerts(connection, NOON, 10) == []
        with pytest.raises(UnknownAlert):
            await retract_alert(connection, "watch", RetractAlert(uuid4(), "paper_found"))
    assert gone is not None
    assert (gone.state, gone.retraction) == (AlertState.RETRACTED, "paper_found")
    assert gone.raised_at == first.alert.raised_at
    assert gone.retracted_at is not None
    assert gone.retracted_at > gone.raised_at
    back = await raised(pool)
    assert (back.kind, back.alert.state, back.alert.retracted_at) == ("alert.reopened", "new", None)
    assert await kinds(pool, gone) == ["alert.raised", "alert.retracted", "alert.reopened"]


async def test_a_person_who_saw_another_state_is_refused(pool: asyncpg.Pool) -> None:
    first = await raised(pool)
    await do(pool, AlertAction.VALIDATE, first.alert)
    with pytest.raises(StaleAlert, match="validated by Zhou since"):
        await do(pool, AlertAction.REJECT, first.alert, actor="Li", note="no")
    validated = await do(
        pool, AlertAction.NOTE, first.alert, expected=AlertState.VALIDATED, note="crew called"
    )
    assert (validated.state, validated.note) == (AlertState.VALIDATED, "crew called")
    corrected = await do(pool, AlertAction.REJECT, validated, actor="Li", note="wrong vessel")
    assert corrected.state is AlertState.REJECTED
    with pytest.raises(StaleAlert, match="not possible"):
        await do(pool, AlertAction.SEE, corrected)
    async with pool.acquire() as connection:
        with pytest.raises(UnknownAlert):
            await handle_alert(
                connection,
                "Li",
                HandleAlerts(uuid4(), AlertAction.SEE, {uuid4(): AlertState.NEW}),
            )


async def test_a_double_click_is_one_command(pool: asyncpg.Pool) -> None:
    first = await raised(pool)
    command = HandleAlerts(uuid4(), AlertAction.SEE, {first.alert.alert_id: AlertState.NEW})

    async def click(actor: str = "Zhou") -> Any:
        async with pool.acquire() as connection:
            return await handle_alerts(connection, actor, command)

    answers = await asyncio.gather(*(click() for _ in range(5)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0].done == (first.alert.alert_id,)
    assert await kinds(pool, first.alert) == ["alert.raised", "alert.seen"]
    with pytest.raises(CommandReused):
        await click("Li")


async def test_many_at_once_leave_the_moved_one_alone(pool: asyncpg.Pool) -> None:
    alerts = [(await raised(pool, number)).alert for number in range(1, 6)]
    await do(pool, AlertAction.VALIDATE, alerts[2], actor="Li")
    everything: dict[UUID, AlertState] = {one.alert_id: one.state for one in alerts}
    async with pool.acquire() as connection:
        handled = await handle_alerts(
            connection, "Zhou", HandleAlerts(uuid4(), AlertAction.REJECT, everything, "a test day")
        )
        found = await read_alerts(connection, list(everything))
    assert set(handled.done) == everything.keys() - {alerts[2].alert_id}
    assert [(code.code, "Li" in code.words) for code in handled.refused.values()] == [
        ("alert.stale", True)
    ]
    assert [found[one.alert_id].state for one in alerts] == [
        *["rejected"] * 2, "validated", *["rejected"] * 2
    ]  # fmt: skip


async def test_silence_is_bound_to_the_time_of_the_behaviour(pool: asyncpg.Pool) -> None:
    first = await raised(pool)
    seen = await do(pool, AlertAction.SEE, first.alert)
    quiet = await do(
        pool,
        AlertAction.SILENCE,
        seen,
        note="escorted home by the maritime boat",
        silence_until=NOON + 30 * MINUTE,
    )
    assert (quiet.silence_owner, quiet.silenced, quiet.state) == ("Zhou", True, AlertState.SEEN)
    # the wall clock is long past it, the behaviour is not
    grown = await raised(pool, **WORSE)
    assert (grown.alert.state, grown.alert.silenced) == (AlertState.SEEN, True)
    heard = await raised(pool, **{**WORSE, "last_at": NOON + 31 * MINUTE})
    assert (heard.kind, heard.alert.state) == ("alert.raised_again", AlertState.NEW)
    assert heard.alert.silence_until is None


@pytest.mark.parametrize(
    ("action", "words", "field"),
    [
        (AlertAction.REJECT, {}, "note"),
        (AlertAction.REJECT, {"note": "  "}, "note"),
        (AlertAction.SILENCE, {"note": "escort"}, "silence_until"),
        (AlertAction.SILENCE, {"note": "escort", "silence_until": datetime(2026, 1, 1)}, "silence"),  # noqa: DTZ001
    ],
)
async def test_an_action_without_its_words_is_refused_by_field(
    pool: asyncpg.Pool, action: AlertAction, words: dict[str, Any], field: str
) -> None:
    first = await raised(pool)
    with pytest.raises(InvalidInput, match=field):
        await do(pool, action, first.alert, **words)
    assert await kinds(pool, first.alert) == ["alert.raised"]


async def test_earlier_cases_are_the_validated_ones_before(pool: asyncpg.Pool) -> None:
    first = await raised(pool)
    await do(pool, AlertAction.VALIDATE, first.alert)
    async with pool.acquire() as connection:
        assert await earlier_cases(connection, 413000001, NOON) == []
        found = await earlier_cases(connection, 413000001, NOON + MINUTE)
    assert found == [(first.alert.alert_id, NOON)]


async def test_a_change_is_hinted_at(pool: asyncpg.Pool) -> None:
    heard = asyncio.Event()

    def hear(*_: object) -> None:
        heard.set()

    async with pool.acquire() as connection:
        await connection.add_listener(CHANNEL, hear)
        await raised(pool)
        async with asyncio.timeout(5):
            await heard.wait()
        await connection.remove_listener(CHANNEL, hear)
