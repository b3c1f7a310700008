"""What the simulated devices make of passages: rightly spread errors, the same at every asking."""

import asyncio
import io
import json
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

import httpx
import numpy as np
import pytest
from PIL import Image

from domain.checkpoints import System
from domain.clock import utc_now
from domain.draught import Load, hull_limits, judge
from domain.errors import InvalidInput
from seed.case_book import CaseBook
from seed.checkpoints import ZHOUZHUANG, checkpoints
from seed.device_link import DeviceLink, Parcel
from seed.device_service import Bank, DeviceOrder, DeviceTruth, TokenFile, parcel, watch
from seed.devices import CLOCK_S, Devices, Fleet, Source, heartbeat, message, picture
from seed.lead_case import lead_case
from seed.passages import Passages
from seed.world import World

NOON = 1_795_000_000
DAY = 86_400
POINTS = checkpoints()


@cache
def devices() -> Devices:
    return Devices(11, POINTS, reliable=(ZHOUZHUANG,))


@cache
def traffic() -> Source:
    return Source(Fleet.TRAFFIC, Passages(World(60, 11), POINTS))


@cache
def day():
    return devices().sighted([traffic()], NOON, NOON + DAY)


def test_the_same_passage_is_told_the_same_however_time_is_cut():
    whole = day()
    pieces = [
        one
        for start in range(NOON, NOON + DAY, 3600)
        for one in Devices(11, POINTS, reliable=(ZHOUZHUANG,)).sighted(
            [traffic()], start, start + 3600
        )
    ]
    assert [one.key for one in whole] == [one.key for one in pieces]
    assert [message(one, None) for one in whole] == [message(one, None) for one in pieces]
    assert len({one.key for one in whole}) == len(whole) > 500


def test_what_is_due_is_sent_once_and_soon_after_it_happened():
    due = [one for t in range(NOON, NOON + 1800) for one in devices().due([traffic()], t, t + 1)]
    assert len({one.key for one in due}) == len(due) > 5
    for one in due:
        assert 1 < one.sent_at - one.passage.t < 7


def test_draughts_err_as_they_say_and_belong_to_the_load():
    gauged = [one for one in day() if one.draught_m is not None]
    assert {one.checkpoint.system for one in gauged} == {System.WUJIANG}
    off = np.array(
        [
            (one.draught_m - (b.laden_m if one.passage.laden else b.light_m)) / one.error_m
            for one in gauged
            for b in [one.passage.barge]
        ]
    )
    assert abs(off.mean()) < 0.15
    assert 0.85 < off.std() < 1.15
    judged = []
    for one in gauged:
        barge = one.passage.barge
        limits = hull_limits(barge.length_m, barge.beam_m)
        load = judge(one.draught_m, one.error_m, limits).load
        judged.append((one.passage.laden, load))
    wrong = sum(
        (laden, load) in {(True, Load.LIGHT), (False, Load.LADEN)} for laden, load in judged
    )
    assert wrong == 0
    assert np.mean([load is Load.UNSURE for _, load in judged]) < 0.1


def test_some_passages_are_missed_and_every_clock_is_off_within_bounds():
    missed = np.mean([one.sent_at is None for one in day()])
    assert 0.02 < missed < 0.12
    off = [one.device_t - one.passage.t for one in day()]
    assert max(map(abs, off)) <= CLOCK_S
    assert np.std(off) > 5
    # a clock keeps its error for hours
    assert devices().clock_s(POINTS[3], NOON) == devices().clock_s(POINTS[3], NOON + 60)
    assert len({devices().clock_s(point, NOON) for point in POINTS}) == len(POINTS)


def test_names_are_mostly_read_and_seldom_wrongly():
    read = [one for one in day() if one.plate is not None]
    assert 0.6 < len(read) / len(day()) < 0.9
    digits = [
        "".join(c for c in one.plate if c.isdigit()) == one.passage.barge.name.split()[-1]
        for one in read
    ]
    assert 0.9 < np.mean(digits) < 1.0


def test_dark_barges_hide_their_names_as_well():
    dark = Source(Fleet.DARK, traffic().passages)
    told = devices().sighted([dark], NOON, NOON + DAY)
    assert 0.15 < np.mean([one.plate is not None for one in told]) < 0.45
    assert {one.key for one in told}.isdisjoint({one.key for one in day()})


def test_both_systems_speak_in_their_own_shape():
    shapes = {one.checkpoint.system: message(one, "ab" * 32) for one in day()}
    path, passage = shapes[System.WUJIANG]
    assert path == "/v1/wujiang/passages"
    assert passage["draught"].keys() == {"value_m", "error_m"}
    assert passage["direction"] in {"forth", "back"}
    assert passage["image"] == "ab" * 32
    path, sighting = shapes[System.JIASHAN]
    assert path == "/v1/jiashan/sightings"
    assert sighting["movement"] in {"入浙", "出浙"}
    assert 0 < sighting["confidence"] <= 1
    assert "draught" not in str(sighting)
    for _, body in shapes.values():
        assert json.loads(json.dumps(body)) == body
        said = body.get("passed_at") or body["seen_at"]
        assert datetime.fromisoformat(said).utcoffset() == timedelta(0)


def test_no_device_tells_whose_mmsi_it_was():
    mmsis = {str(barge.mmsi) for barge in traffic().passages.world.barges}
    for one in day()[:200]:
        assert not any(mmsi in str(message(one, None)) for mmsi in mmsis)


def test_a_still_is_a_small_jpeg_and_the_same_every_time():
    for one in day()[:5]:
        jpeg = picture(one)
        assert len(jpeg) < 12_000
        assert picture(one) == jpeg
        with Image.open(io.BytesIO(jpeg)) as still:
            assert still.format == "JPEG"
            assert still.size == (384, 216)


def test_devices_live_and_now_and_then_one_is_silent():
    beats = [p for t in range(NOON, NOON + 120) for p in devices().beats(t)]
    assert 2 * len(POINTS) - 4 <= len(beats) <= 2 * len(POINTS)
    silences = devices().silences(NOON, NOON + 2 * DAY)
    assert 10 < len(silences) < 45
    assert ZHOUZHUANG not in {point.checkpoint_id for point, _ in silences}
    point, spell = silences[0]
    middle = (spell.start + spell.end) // 2
    assert devices().silent(point, middle)
    assert not any(
        point in devices().beats(t) for t in range(spell.start, min(spell.end, spell.start + 600))
    )
    blind = [one for one in day() if devices().silent(one.checkpoint, one.passage.t)]
    assert all(one.sent_at is None for one in blind)
    path, body = heartbeat(devices(), point, NOON)
    assert (path, body["point"]) == ("/v1/heartbeats", point.checkpoint_id)


@pytest.mark.parametrize("number", range(8))
def test_the_gate_reads_the_lead_case_without_doubt_whenever_it_begins(number):
    start = NOON + 100_003 * number
    case = lead_case(2024, start, number)
    bank = Devices(2024, POINTS, reliable=(ZHOUZHUANG,))
    source = Source(Fleet.CASE, Passages(case.world, POINTS), 2 * number)
    seen = [
        one
        for one in bank.due([source], start, start + 180)
        if one.checkpoint.checkpoint_id == ZHOUZHUANG
    ]
    assert [one.passage.barge for one in seen] == list(case.barges)
    for one in seen:
        barge = one.passage.barge
        limits = hull_limits(barge.length_m, barge.beam_m, barge.light_m, barge.laden_m)
        assert judge(one.draught_m, one.error_m, limits).load is Load.LADEN
        assert one.plate == f"淀西{barge.name.split()[-1]}"
        assert abs(one.device_t - one.passage.t) <= CLOCK_S


def order(tmp_path, **more) -> DeviceOrder:
    given = {"barges": 60, "seed": 11, "dark_share": 0.1, "strays": True}
    return DeviceOrder(**(given | more))


def test_a_case_that_is_noticed_late_is_read_from_its_beginning(tmp_path):
    book = CaseBook(tmp_path / "case.json")
    bank = Bank(order(tmp_path, case=book.path))
    assert Fleet.CASE not in {one.fleet for one in bank.due(NOON, NOON + 5)}
    book.begin(NOON)
    late = [one for one in bank.due(NOON + 200, NOON + 201) if one.fleet is Fleet.CASE]
    assert len(late) == 2
    assert bank.cases[0].started_at == NOON
    again = [one for one in bank.due(NOON + 201, NOON + 202) if one.fleet is Fleet.CASE]
    assert again == []


def test_labels_name_every_passage_and_every_suspicion(tmp_path):
    book = CaseBook(tmp_path / "case.json")
    book.begin(NOON + 600)
    bank = Bank(order(tmp_path, case=book.path))
    truth = DeviceTruth(tmp_path / "truth.jsonl", bank, 10_000_000)
    for start in range(NOON, NOON + 7200, 600):
        bank.due(start, start + 600)
        truth.record(start, start + 600)
    truth.close()
    rows = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_bytes().splitlines()]
    assert rows[0]["kind"] == "bank"
    kinds = {row["kind"] for row in rows}
    assert {"passage", "suspicious"} <= kinds <= {"bank", "passage", "suspicious", "device_silence"}
    dark = [row for row in rows if row["kind"] == "passage" and row["fleet"] == "dark"]
    assert dark
    assert all(row["mmsi"] is None for row in dark)
    unseen = {row["key"] for row in rows if row.get("rule") == "no_ais"}
    assert unseen == {row["key"] for row in dark if not row["missed"]}
    lead = [row for row in rows if row.get("rule") == "no_paper" and row["fleet"] == "case"]
    assert len(lead) == 2
    for row in lead:
        assert row["from_adcode"] == "310118"
        assert row["measured_at"] > row["from"]


class FakeDoor:
    """A door that answers by a list of what to say, then kindly."""

    def __init__(self, *first: int | Exception) -> None:
        self.first = list(first)
        self.got: list[tuple[str, str, bytes]] = []
        self.enough = asyncio.Event()
        self.until = 1

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.first:
            said = self.first.pop(0)
            if isinstance(said, Exception):
                raise said
            return httpx.Response(said, headers={"retry-after": "0"}, text="no")
        body = await request.aread()
        self.got.append((request.url.path, request.headers["authorization"], body))
        if len(self.got) >= self.until:
            self.enough.set()
        if request.url.path == "/v1/images":
            return httpx.Response(200, json={"image": sha256(body).hexdigest()})
        return httpx.Response(200, json={})


async def deliver(door: FakeDoor, parcels: list[Parcel], until: int) -> DeviceLink:
    door.until = until
    tokens = {point.checkpoint_id: f"token-{point.checkpoint_id}" for point in POINTS}
    link = DeviceLink("http://door", lambda: tokens, tokens, httpx.MockTransport(door))
    for one in parcels:
        link.offer(one)
    running = asyncio.create_task(link.run())
    async with asyncio.timeout(20):
        await door.enough.wait()
        await link.idle.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    return link


async def test_a_reading_follows_its_still_and_refers_to_it():
    one = next(one for one in day() if one.sent_at is not None)
    door = FakeDoor()
    link = await deliver(door, [parcel(one)], 2)
    (first, token, jpeg), (second, _, body) = door.got
    assert (first, second) == ("/v1/images", message(one, None)[0])
    assert token == f"Bearer token-{one.checkpoint.checkpoint_id}"
    said = json.loads(body)
    assert (said.get("image") or said["picture"]) == sha256(jpeg).hexdigest()
    assert link.posted.accepted == 1


async def test_a_door_that_is_away_gets_the_reading_later():
    one = next(one for one in day() if one.sent_at is not None)
    door = FakeDoor(httpx.ConnectError("nobody there"), 503)
    link = await deliver(door, [parcel(one)], 2)
    assert (link.posted.accepted, link.posted.dropped) == (1, 0)


async def test_a_refused_reading_is_counted_and_not_sent_again():
    said = Parcel("wj-01", "/v1/wujiang/passages", lambda _: {"passage_no": "1"})
    beat = Parcel("wj-01", "/v1/heartbeats", lambda _: {"point": "wj-01"}, keeps=False)
    door = FakeDoor(422)
    link = await deliver(door, [said, beat], 1)
    assert link.posted.refused == {"422": 1}
    assert [path for path, _, _ in door.got] == ["/v1/heartbeats"]


async def test_what_was_seen_while_nobody_asked_is_sent_first(tmp_path):
    now = int(utc_now().timestamp())
    bank = Bank(order(tmp_path, since=now - 2400))
    expected = {one.key for one in bank.due(now - 2400, now)}
    assert expected
    door = FakeDoor()
    tokens = {point.checkpoint_id: "token" for point in POINTS}
    link = DeviceLink("http://door", lambda: tokens, tokens, httpx.MockTransport(door))
    running = asyncio.create_task(watch(bank, link))
    door.until = 2 * len(expected)
    async with asyncio.timeout(30):
        await door.enough.wait()
        await link.idle.wait()
    running.cancel()
    await asyncio.wait({running})
    bodies = [json.loads(body) for path, _, body in door.got if path.count("/") == 3]
    assert expected <= {body.get("passage_no") or body["id"] for body in bodies}


async def test_a_device_keeps_so_many_and_no_more():
    link = DeviceLink("http://door", dict, ["wj-01"])
    for number in range(600):
        link.offer(Parcel("wj-01", f"/{number}", lambda _: {}))
    assert link.waiting == 500
    assert link.posted.dropped == 100


def test_tokens_are_read_again_when_they_change(tmp_path):
    path = tmp_path / "tokens.json"
    with pytest.raises(InvalidInput, match="--tokens"):
        TokenFile(path)()
    path.write_text('{"wj-01": "a"}')
    read = TokenFile(path)
    assert read() == {"wj-01": "a"}
    newer = tmp_path / "newer"
    newer.write_text('{"wj-01": "b", "wj-02": "c"}')
    newer.replace(path)
    assert read()["wj-01"] == "b"
    path.write_text("cut of")
    assert read()["wj-02"] == "c"
