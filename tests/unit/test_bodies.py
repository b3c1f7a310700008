"""Bodies: made once, shared, kept for a while, named by content where that spares a fetch."""

import gzip

import orjson
from console_samples import NOW, passage, snapshot, vessel

from dashboard import pictures
from dashboard.atlas import Atlas
from dashboard.bodies import KEPT, MADE, Bodies, Body, Maker, pack, pack_json
from dashboard.snapshot import Snapshot
from layers.geography import Geography


def read(body: Body) -> dict[str, list[dict[str, dict[str, object]]]]:
    raw = gzip.decompress(body.data) if body.packed else body.data
    found = orjson.loads(raw)
    assert isinstance(found, dict)
    return found


def test_only_what_is_worth_it_is_compressed() -> None:
    assert not pack(b"short", "text/plain").packed
    long = pack(b"long " * 1000, "text/plain")
    assert long.packed
    assert gzip.decompress(long.data) == b"long " * 1000
    assert pack(b"a", "x").etag != pack(b"b", "x").etag


def test_a_body_is_made_once_for_all() -> None:
    made: list[int] = []

    def make(one: Snapshot) -> Body:
        made.append(one.tick)
        return pack_json(one.tick)

    bodies = Bodies({"eager": make})
    bodies.add(snapshot(tick=1))
    assert made == [1]
    first, second = bodies.get(1, "late", make), bodies.get(1, "late", make)
    assert first is second
    assert made == [1, 1]
    assert bodies.get(2, "late", make) is None


def test_what_was_asked_for_is_kept_up_to_a_limit_and_what_is_eager_always() -> None:
    made: list[str] = []

    def maker(name: str) -> Maker:
        def make(one: Snapshot) -> Body:
            made.append(name)
            return pack_json([one.tick, name])

        return make

    bodies = Bodies({"eager": maker("eager")})
    bodies.add(snapshot(tick=1))
    names = [f"chosen-{n}" for n in range(MADE)]
    for name in names:
        bodies.get(1, name, maker(name))
    bodies.get(1, names[0], maker(names[0]))
    bodies.get(1, "one more", maker("one more"))
    assert made == ["eager", *names, "one more"]
    for name in ("eager", names[0], names[2]):  # still there
        bodies.get(1, name, maker(name))
    assert made[-1] == "one more"
    bodies.get(1, names[1], maker(names[1]))  # asked for least recently
    assert made[-1] == names[1]


def test_two_viewers_at_once_get_the_same_bytes() -> None:
    bodies = Bodies({})
    bodies.add(snapshot(tick=1))
    inner: list[Body | None] = []

    def slow(one: Snapshot) -> Body:
        inner.append(bodies.get(1, "late", lambda _: pack_json("first")))
        return pack_json("second")

    assert bodies.get(1, "late", slow) is inner[0]


def test_the_last_ticks_are_kept_and_no_more() -> None:
    bodies = Bodies({})
    for tick in range(1, KEPT + 4):
        bodies.add(snapshot(tick=tick))
    assert bodies.snapshot(3) is None
    assert bodies.snapshot(4) is not None
    assert bodies.newest is not None
    assert bodies.newest.tick == KEPT + 3
    assert bodies.newest.tick - bodies.slow_tick < 5


def test_a_steady_body_keeps_its_name_until_it_changes() -> None:
    said = ["a"]
    bodies = Bodies({}, {"rings": (lambda _: pack_json(said), 1)})
    assert bodies.by_content(bodies.key("rings", 1)) is None
    bodies.add(snapshot(tick=1))
    key = bodies.key("rings", 1)
    bodies.add(snapshot(tick=2))
    assert bodies.key("rings", 2) == key
    said.append("b")
    bodies.add(snapshot(tick=3))
    assert bodies.key("rings", 3) != key
    assert bodies.key("rings", 2) == key  # who is told of tick 2 gets the picture of tick 2
    assert bodies.by_content(key) is not None
    for tick in range(4, 4 + 2 * KEPT):
        said.append("c")
        bodies.add(snapshot(tick=tick))
    assert bodies.by_content(key) is None


def test_a_steady_body_is_looked_at_as_often_as_it_says() -> None:
    seen: list[int] = []

    def make(one: Snapshot) -> Body:
        seen.append(one.tick)
        return pack_json(one.tick)

    bodies = Bodies({}, {"tails": (make, 5)})
    for tick in range(100, 112):
        bodies.add(snapshot(tick=tick))
    assert seen == [100, 105, 110]


def test_the_picture_of_the_vessels() -> None:
    found = read(pictures.vessels(snapshot(vessels=(vessel(), vessel(413000002, lon=121.0)))))
    assert [f["properties"]["mmsi"] for f in found["features"]] == [413000001, 413000002]
    assert found["features"][1]["geometry"]["coordinates"] == [121.0, 31.02]


def test_rings_only_where_something_just_happened() -> None:
    one = snapshot(
        crossings=(
            passage(confirmed_at=NOW - 20),
            passage(crossing_id="c2", confirmed_at=NOW - 200, grazing=True),
            passage(crossing_id="c3", confirmed_at=NOW - 301),
        )
    )
    rings = [feature["properties"] for feature in read(pictures.rings(one))["features"]]
    assert [ring["id"] for ring in rings] == ["c1", "c1", "c2"]
    assert rings[0]["color"] != rings[2]["color"]
    later = snapshot(taken_at=NOW + 5, crossings=one.crossings)
    assert pictures.rings(later).etag == pictures.rings(one).etag


def test_the_newest_crossing_in_words() -> None:
    gazetteer = Atlas(Geography.builtin()).gazetteer
    one = snapshot()
    for lang, words in (("zh", "TAIPU 1\n青浦 → 吴江"), ("en", "TAIPU 1\nQingpu → Wujiang")):
        (feature,) = read(pictures.newest(one, lang, gazetteer))["features"]  # type: ignore[arg-type]
        assert feature["properties"]["label"] == words
    assert read(pictures.newest(snapshot(taken_at=NOW + 60), "zh", gazetteer))["features"] == []


def test_the_chosen_vessel_and_its_track() -> None:
    (feature,) = read(pictures.chosen(snapshot(), 413000001))["features"]
    assert feature["properties"]["label"] == "TAIPU 1"
    assert read(pictures.chosen(snapshot(), 1))["features"] == []
    assert read(pictures.track(((120.9, 31.0),)))["features"] == []
    assert len(read(pictures.track(((120.9, 31.0), (120.91, 31.0))))["features"]) == 1
