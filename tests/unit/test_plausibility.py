import pytest

from streams.contracts.plausibility import dimension_fault, mmsi_fault, position_fault, spoken


@pytest.mark.parametrize(
    "mmsi",
    [
        412345678,
        413000123,
        414400000,
        201000001,
        775999999,
        200000001,  # no such country yet
        799999999,
        982413001,
        987654322,
    ],
)
def test_a_vessels_number(mmsi: int):
    assert mmsi_fault(mmsi) is None


@pytest.mark.parametrize(
    ("mmsi", "why"),
    [
        (0, "never set up"),
        (1, "coast station"),
        (123456789, "placeholder"),
        (987654321, "placeholder"),
        (111111111, "placeholder"),
        (444444444, "placeholder"),
        (2573535, "coast station"),
        (24127777, "group"),
        (111232506, "aircraft"),
        (150000000, "country"),
        (199999999, "country"),
        (800000000, "hand-held"),
        (970010119, "search and rescue transmitter"),
        (972345678, "man-overboard"),
        (974123456, "beacon"),
        (981234567, "country"),
        (988234567, "country"),
        (992351000, "navigation"),
        (900000000, "country"),
        (1_073_741_823, "nine digits"),
    ],
)
def test_no_vessels_number(mmsi: int, why: str):
    assert why in (mmsi_fault(mmsi) or "")


def test_positions():
    assert position_fault(120.9, 31.0) is None
    assert position_fault(-180.0, 90.0) is None
    assert "181.5" in (position_fault(181.5, 31.0) or "")
    assert "-90.1" in (position_fault(120.0, -90.1) or "")
    assert "no position" in (position_fault(0.0, 0.0) or "")
    assert position_fault(0.0, 31.0) is None


def test_dimensions():
    assert dimension_fault(None, None) is None
    assert dimension_fault(458.0, 69.0) is None
    assert dimension_fault(500.0, 80.0) is None
    assert "819.1 m" in (dimension_fault(819.1, 71.0) or "")
    assert "102.2 m" in (dimension_fault(50.0, 102.2) or "")


def test_an_instant_in_words():
    assert spoken(1924992000) == "2031-01-01T00:00:00+00:00"
    assert spoken(10**15) == "epoch second 1000000000000000"
    assert spoken(-(10**17)) == "epoch second -100000000000000000"
