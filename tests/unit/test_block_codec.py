"""Blocks give back every bit, of any fixes in any order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from db.block_codec import FIX, BadBlock, Fixes, canonical, decode, encode, same

FEEDS = ("north", "岸站", "ais")
ANY = arrays.arrays(FIX, st.integers(0, 40))


def placed(rows: np.ndarray) -> Fixes:
    rows = rows.copy()
    rows["feed"] %= len(FEEDS)
    return Fixes(rows, FEEDS)


def usual(count: int) -> Fixes:
    """A barge under way, as AIS says it."""
    random = np.random.default_rng(5)
    rows = np.zeros(count, dtype=FIX)
    rows["t"] = (800_000_000 + np.arange(count) * 10) * 1_000_000
    rows["recorded_at"] = rows["t"] + random.integers(200_000, 2_000_000, count)
    rows["payload_hash"] = random.integers(-(2**63), 2**63 - 1, count)
    rows["lon"] = np.rint(120.9e6 + np.arange(count) * 300 + random.normal(0, 20, count)) / 1e6
    rows["lat"] = np.rint(31e6 + np.arange(count) * 100 + random.normal(0, 20, count)) / 1e6
    rows["sog_kn"] = np.round(random.normal(5, 0.2, count), 1)
    rows["cog_deg"] = np.round(random.normal(70, 2, count), 1)
    rows["sog_kn"][3], rows["cog_deg"][4] = np.nan, np.nan
    rows["heading_deg"], rows["nav_status"], rows["message_type"] = -1, 0, 1
    return Fixes(rows, ("ais",))


@given(ANY)
def test_whatever_goes_in_comes_out(rows: np.ndarray) -> None:
    fixes = placed(rows)
    back = decode(encode(fixes))
    assert same(back, fixes)
    assert back.rows.tobytes() == canonical(fixes).rows.tobytes()


@given(st.randoms(use_true_random=False))
def test_order_does_not_matter(random) -> None:
    fixes = usual(30)
    order = list(range(30))
    random.shuffle(order)
    assert encode(Fixes(fixes.rows[order], fixes.feeds)) == encode(fixes)


def test_the_corners_of_the_earth_and_of_time() -> None:
    rows = np.zeros(6, dtype=FIX)
    rows["lon"] = [-180, 180, -0.0, 179.999999, 1e300, np.nan]
    rows["lat"] = [-90, 90, 1 / 600_000, -1e-6, np.inf, -np.inf]
    rows["t"] = [-(2**63), 2**63 - 1, 0, 1, -1, 2**62]
    rows["recorded_at"] = rows["t"][::-1]
    rows["sog_kn"] = [np.nan, -1, 102.2, 0, np.float32(1e-30), np.inf]
    assert same(decode(encode(Fixes(rows, ("ais",)))), Fixes(rows, ("ais",)))


def test_no_fix_is_a_block_too() -> None:
    assert len(decode(encode(Fixes(np.zeros(0, dtype=FIX), FEEDS))).rows) == 0


def test_a_usual_day_takes_less_than_eighteen_bytes_a_fix() -> None:
    fixes = usual(2000)
    data = encode(fixes)
    assert same(decode(data), fixes)
    assert len(data) < 18 * 2000


def test_one_other_bit_is_another_track() -> None:
    fixes = usual(5)
    other = Fixes(fixes.rows.copy(), fixes.feeds)
    other.rows["lon"][2] = np.nextafter(other.rows["lon"][2], 200)
    assert not same(fixes, other)
    assert not same(fixes, Fixes(fixes.rows, ("others",)))


@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(BadBlock):
        decode(b"\x01\x05" + data[:60])


@pytest.mark.parametrize("cut", [0, 1, 3, 40, -1])
def test_a_cut_block_is_refused(cut: int) -> None:
    with pytest.raises(BadBlock):
        decode(encode(usual(20))[:cut])
    with pytest.raises(BadBlock, match="version 7"):
        decode(b"\x07" + encode(usual(20))[1:])
    with pytest.raises(BadBlock, match="behind its end"):
        decode(encode(usual(20)) + b"\x00")
