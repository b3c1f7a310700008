"""Which reading belongs to which track when each track may have one reading only.

All ways to share the tracks out are counted, each weighed by the product of its pairs; so a track
that another reading fits better counts for less here, and nothing depends on who asked first.
"""

from collections.abc import Mapping, Sequence

Weights = Mapping[int, float]
"""Track → how much likelier the reading is of it than of nobody (weight 1)."""


def shares(first: Weights, others: Sequence[Weights]) -> dict[int, float]:
    """Weight of each track for the first reading over all ways to share out the rest.

    Relative to the weight of *nobody*, which is 1. `others`: the other readings' weights. Takes
    readings × 2^tracks steps: at most some dozen tracks.
    """
    alone = _total(others, frozenset())
    return {j: w * _total(others, frozenset({j})) / alone for j, w in first.items()}


def _total(readings: Sequence[Weights], taken: frozenset[int]) -> float:
    ways: dict[frozenset[int], float] = {taken: 1.0}
    for weights in readings:
        onward = dict(ways)  # nobody's, weight 1
        for used, weight in ways.items():
            for track, ratio in weights.items():
                if track not in used:
                    key = used | {track}
                    onward[key] = onward.get(key, 0.0) + weight * ratio
        ways = onward
    return sum(ways.values())
