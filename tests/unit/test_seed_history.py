"""History and recordings: whole files, the same every time, and the live feed goes on from them."""

from datetime import UTC, datetime

import orjson
import pytest

from seed import history
from seed.history import recorded_hour, write_history
from seed.reception import Reception
from seed.truth import TruthLog, builtin_districts
from seed.world import World

NOON = 1_717_387_200


def rows(path):
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_the_live_feed_goes_on_where_the_file_ends(tmp_path):
    path = tmp_path / "past.nmea"
    done = []
    recording = write_history(
        path, barges=25, seed=4, until=NOON, duration_s=150, progress=done.append
    )
    assert (recording.begin, recording.end) == (NOON - 150, NOON)
    assert done == pytest.approx([0.4, 0.8, 1.0])
    assert path.read_bytes().count(b"\r\n") == recording.lines > 150
    live = Reception(World(25, 4))
    longer = tmp_path / "longer.nmea"
    write_history(longer, barges=25, seed=4, until=NOON + 20, duration_s=170)
    after = b"".join(line for _, heard in live.lines(NOON, NOON + 20) for line in heard)
    assert longer.read_bytes() == path.read_bytes() + after


def test_a_recording_is_the_same_bytes_every_time(tmp_path):
    a = recorded_hour(tmp_path / "a.nmea", barges=12, duration_s=300)
    b = recorded_hour(tmp_path / "b.nmea", barges=12, duration_s=300)
    assert a.path.read_bytes() == b.path.read_bytes()
    assert a.kinds == b.kinds


def test_a_history_that_fails_leaves_no_file(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(history.Reception, "lines", full)
    with pytest.raises(OSError, match="No space left"):
        write_history(tmp_path / "x.nmea", barges=3, seed=4, until=NOON, duration_s=60)
    assert list(tmp_path.iterdir()) == []


def test_truth_labels_name_barges_crossings_and_troubles(tmp_path):
    truth = tmp_path / "truth.jsonl"
    recording = recorded_hour(tmp_path / "a.nmea", barges=210, duration_s=600, truth=truth)
    labels = rows(truth)
    assert labels[0] == {"kind": "world", "seed": 7, "barges": 210}
    barges = [row for row in labels if row["kind"] == "barge"]
    assert [row["index"] for row in barges] == list(range(210))
    assert {row["radio"] for row in barges} == {"A", "B", "inland"}
    assert {row["trouble"] for row in barges} == {"clean", "noisy", "jumpy", "silent"}
    (clone,) = [row for row in labels if row["kind"] == "clone"]
    assert clone["barges"] == [99, 199]
    assert barges[99]["mmsi"] == barges[199]["mmsi"] == clone["mmsi"]
    crossings = [row for row in labels if row["kind"] == "crossing"]
    assert len(crossings) > 3
    for row in crossings:
        entered = datetime.fromisoformat(row["entered_at"])
        assert recording.begin <= entered.timestamp() < recording.end
        assert datetime.fromisoformat(row["left_at"]) <= entered
        assert row["from"] != row["to"]
        assert isinstance(row["laden"], bool)
    assert labels[-1] == {
        "kind": "counts",
        "t": datetime.fromtimestamp(recording.end, UTC).isoformat(),
        "sent": dict(sorted(recording.kinds.items())),
    }


def test_the_label_file_is_bounded_and_each_piece_stands_alone(tmp_path):
    path = tmp_path / "truth.jsonl"
    reception = Reception(World(5, 4))
    log = TruthLog(path, reception, builtin_districts(), max_bytes=4000)
    for minute in range(120):
        log.counts(NOON + 60 * minute, {"position": minute})
    log.close()
    old = path.with_name("truth.jsonl.1")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["truth.jsonl", "truth.jsonl.1"]
    for piece in (path, old):
        assert piece.stat().st_size < 4200
        assert [row["kind"] for row in rows(piece)][:2] == ["world", "barge"]
    assert rows(path)[-1]["sent"] == {"position": 119}
