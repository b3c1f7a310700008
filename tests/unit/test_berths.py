"""Where a vessel may lie: at a registered wharf, and where barges wait for their turn there."""

import pytest

from streams.watching.berths import is_at

WHARF = 120.8941, 31.1141


@pytest.mark.parametrize(("metres", "at"), [(0, True), (400, True), (600, False), (1000, False)])
def test_barges_wait_up_to_four_hundred_metres_along_the_bank(metres: int, at: bool) -> None:
    place = WHARF[0], WHARF[1] + metres / 110_900
    assert is_at(place, [(120.0, 31.0), WHARF]) is at
    assert not is_at(place, [])
