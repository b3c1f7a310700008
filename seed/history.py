"""The past in a file, as a logger beside the receivers would have written it."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seed.reception import Reception
from seed.truth import TruthLog, builtin_districts
from seed.world import World

_CHUNK_S = 60

RECORDED_FROM = 1_717_387_200
"""2024-06-03 12:00 in Shanghai: an ordinary Monday noon for recordings that tests compare."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A file of sentences: `begin` included, `end` not, epoch seconds; `kinds` as in `Tally`."""

    path: Path
    begin: int
    end: int
    lines: int
    kinds: dict[str, int]


def write_history(
    path: Path,
    *,
    barges: int,
    seed: int,
    until: int,
    duration_s: int,
    every_s: int | None = None,
    truth: Path | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Recording:
    """Write the `duration_s` seconds before `until` (epoch seconds) to `path`.

    The live feed of the same `seed` and `barges` goes on where the file ends. `progress` gets the
    share done, 0 to 1. The file appears only when it is complete. `truth` takes the labels of the
    same time. Raises `OSError`.
    """
    reception = Reception(World(barges, seed), every_s)
    labels = None if truth is None else TruthLog(truth, reception, builtin_districts())
    begin = until - duration_s
    part = path.with_name(path.name + ".part")
    lines = 0
    try:
        with part.open("wb") as file:
            for start in range(begin, until, _CHUNK_S):
                end = min(start + _CHUNK_S, until)
                for _, heard in reception.lines(start, end):
                    file.writelines(heard)
                    lines += len(heard)
                if labels is not None:
                    labels.record(start, end)
                progress((end - begin) / duration_s)
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    kinds = dict(reception.tally.kinds)
    if labels is not None:
        labels.counts(until, kinds)
        labels.close()
    return Recording(path, begin, until, lines, kinds)


def recorded_hour(
    path: Path,
    *,
    barges: int = 60,
    seed: int = 7,
    begin: int = RECORDED_FROM,
    duration_s: int = 3600,
    truth: Path | None = None,
) -> Recording:
    """An hour of `barges` barges, the same bytes on every machine and at every time."""
    return write_history(
        path,
        barges=barges,
        seed=seed,
        until=begin + duration_s,
        duration_s=duration_s,
        truth=truth,
    )
