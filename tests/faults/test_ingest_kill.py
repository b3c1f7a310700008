"""SIGKILL at random moments of a recording leaves what an undisturbed run leaves."""

from pathlib import Path

import pytest
from killing import kills_change_nothing

from seed.history import RECORDED_FROM, write_history


def recorded(path: Path, *, barges: int, minutes: int) -> Path:
    seconds = minutes * 60
    until = RECORDED_FROM + seconds
    write_history(path, barges=barges, seed=21, until=until, duration_s=seconds)
    return path


async def test_four_kills_change_nothing(
    database_url: str, second_url: str, tmp_path: Path
) -> None:
    quarter = recorded(tmp_path / "quarter.nmea", barges=60, minutes=15)
    await kills_change_nothing(database_url, second_url, quarter, kills=4, landing=1, crossings=0)


@pytest.mark.faults
@pytest.mark.timeout(1800)
async def test_twenty_kills_of_an_hour_change_nothing(
    database_url: str, second_url: str, tmp_path: Path
) -> None:
    hour = recorded(tmp_path / "hour.nmea", barges=150, minutes=60)
    await kills_change_nothing(database_url, second_url, hour, kills=20, landing=20, crossings=10)
