"""Names read from a hull against names from the air; and readings shared out among tracks."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.assignment import shares
from domain.plates import digits, distance, letters, likelihood_ratio

words = st.text("甲AB01９", max_size=6)


@pytest.mark.parametrize(
    ("plate", "name", "least", "most"),
    [
        ("青货1204", "QING HUO 1204", 900, 1000),
        ("青货１２０４", "QING HUO 1204", 900, 1000),
        ("QING HUO 1204", "QING HUO 1204", 1000, 1000),
        ("青货0412", "QING HUO 412", 100, 1000),
        ("青货1284", "QING HUO 1204", 20, 200),
        ("青货9957", "QING HUO 1204", 0.002, 0.005),
        ("安全生产", "QING HUO 1204", 1, 1),
        ("青货1204", "", 1, 1),
        ("TAI HANG 77", "QING HUO 1204", 0.002, 0.02),
    ],
)
def test_likelihood(plate: str, name: str, least: float, most: float) -> None:
    assert least <= likelihood_ratio(plate, [name]) <= most


def test_the_best_of_several_names_counts() -> None:
    assert likelihood_ratio("青货1204", ["TONG DA 88", "青货1204"]) == 1000
    assert likelihood_ratio("青货1204", []) == 1


@given(words, words, words)
def test_distance_is_a_distance(a: str, b: str, c: str) -> None:
    assert distance(a, b) == distance(b, a)
    assert (distance(a, b) == 0) == (a == b)
    assert distance(a, c) <= distance(a, b) + distance(b, c)
    assert 0.002 <= likelihood_ratio(a, [b]) <= 1000


def test_signs_of_both_widths() -> None:
    assert digits("苏昆Ａ０１２３号") == "123"
    assert letters("苏昆ａ 01") == "苏昆A"


weights = st.dictionaries(st.integers(0, 3), st.floats(0.01, 1e6), max_size=4)


@given(weights, st.lists(weights, max_size=3))
def test_shares_are_those_of_counting_all_ways(
    first: dict[int, float], others: list[dict[int, float]]
) -> None:
    def ways(readings: list[dict[int, float]]) -> dict[int | None, float]:
        total: dict[int | None, float] = {}
        for picks in itertools.product(*([None, *r] for r in readings)):
            used = [p for p in picks if p is not None]
            if len(used) == len(set(used)):
                weight = math.prod(
                    r[p] for r, p in zip(readings, picks, strict=True) if p is not None
                )
                total[picks[0]] = total.get(picks[0], 0.0) + weight
        return total

    counted = ways([first, *others])
    assert shares(first, others) == pytest.approx(
        {j: counted.get(j, 0.0) / counted[None] for j in first}
    )
