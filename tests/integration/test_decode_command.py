"""The command as a process: what it prints where, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

from nmea import barge
from samples import own_sample

COMMAND = [sys.executable, "-c", "from ops.cli.app import main; main()", "decode"]
ROOT = Path(__file__).parents[2]


def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments], input=given, capture_output=True, cwd=ROOT, check=False
    )


def test_records_on_stdout_and_a_summary_on_stderr(tmp_path: Path):
    path = tmp_path / "day.nmea"
    path.write_bytes(barge() + b"\nrubbish\n")
    done = run(str(path))
    good, bad = (json.loads(line) for line in done.stdout.splitlines())
    assert (good["line"], good["mmsi"], good["type"]) == (1, 413000123, 1)
    assert (bad["line"], bad["rejected"]) == (2, "not_nmea")
    assert b"1 messages decoded, 1 lines rejected" in done.stderr
    assert done.returncode == 0


def test_every_line_of_a_busy_station_is_told_as_what_it_is(tmp_path: Path):
    sample = own_sample()
    path = tmp_path / "station.nmea"
    path.write_bytes(b"".join(line.raw + b"\n" for line in sample))
    done = run(str(path))
    told = {record["line"]: record for record in map(json.loads, done.stdout.splitlines())}
    assert sorted(told) == list(range(1, 899))
    assert len(done.stdout.splitlines()) == 898
    for number, line in enumerate(sample, 1):
        assert told[number] | line.record == told[number]
        assert ("rejected" in told[number]) == ("rejected" in line.record)
        assert "lines" not in told[number]
    assert done.stderr.decode().splitlines() == [
        "778 messages decoded, 120 lines rejected, 0 other",
        "  refused bad_position: 4",
        "  rejected empty_payload: 100",
        "  rejected orphan_part: 20",
    ]
    assert done.returncode == 0


def test_standard_input():
    done = run("-", given=barge())
    assert json.loads(done.stdout)["mmsi"] == 413000123
    assert done.returncode == 0


def test_a_missing_file_ends_with_2_and_says_so():
    done = run("nothing.nmea")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"whistle: file: nothing.nmea: No such file or directory\n"


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path):
    path = tmp_path / "day.nmea"
    path.write_bytes((barge() + b"\n") * 20_000)
    with subprocess.Popen(
        [*COMMAND, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
