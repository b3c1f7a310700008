"""`whistle registers` on a real database: in, out, and files with faults."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FILES = {
    "carriers": ("carrier_id,name,name_en,home_adcode\nc-yun,云帆水运,Yunfan,310118\n", "Yunfan"),
    "wharves": (
        "wharf_id,name,name_en,adcode,lon,lat,kind\n"
        "w-1,试验码头,Trial,310118,120.95,31.05,spoil_licensed\n",
        "Trial",
    ),
    "hulls": (
        "mmsi,name,length_m,beam_m,capacity_t,light_draught_m,laden_draught_m,carrier_id,"
        "carries_spoil\n413900001,HULL,48,10.2,1000,,,c-yun,yes\n",
        "HULL",
    ),
}
"""A file for each register, and a word in it that may change."""


def whistle(url: str, *words: str, exit_code: int = 0) -> tuple[list[dict[str, Any]], str]:
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", "registers", *words],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == exit_code, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.mark.parametrize("name", FILES)
def test_in_out_and_in_again(database_url: str, tmp_path: Path, name: str) -> None:
    text, word = FILES[name]
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(text, "utf-8")
    told, _ = whistle(database_url, "import", name, str(file), "--dry-run")
    assert told == [{"entries": 1, "stored": False}]
    told, _ = whistle(database_url, "import", name, str(file), "--since", "2026-01-01")
    assert (len(told[0]["added"]), told[0]["stored"]) == (1, True)
    told, _ = whistle(database_url, "export", name, str(out))
    assert told == [{"entries": 1, "file": str(out)}]
    assert out.read_bytes() == b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    whistle(database_url, "export", name, str(out), "--chinese")
    told, _ = whistle(database_url, "import", name, str(out))
    assert (told[0]["unchanged"], told[0]["stored"]) == (1, False)
    out.write_text(out.read_text("utf-8-sig").replace(word, "Other"), "gb18030")
    told, _ = whistle(database_url, "import", name, str(out), "--reason", "renamed")
    assert [list(one["changes"].values()) for one in told[0]["changed"]] == [[[word, "Other"]]]
    told, _ = whistle(database_url, "export", name, str(out), "--at", "2025-12-31")
    assert told[0]["entries"] == 0


def test_faults_store_nothing(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text(FILES["hulls"][0].replace(",48,", ",long,").replace("yes", "maybe"), "utf-8")
    told, said = whistle(database_url, "import", "hulls", str(file), exit_code=2)
    assert [(one["line"], one["column"]) for one in told] == [(2, "carries_spoil"), (2, "length_m")]
    assert "2 faults, the first at line 2, carries_spoil" in said
    _, said = whistle(database_url, "import", "barges", str(file), exit_code=2)
    assert said.startswith("whistle: register: expected one of carriers, wharves, hulls")


@pytest.mark.parametrize(("name", "key"), [("wharves", "w-1"), ("hulls", 413900001)])
def test_what_ends_is_gone_and_was_there(
    database_url: str, tmp_path: Path, name: str, key: str | int
) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(FILES[name][0], "utf-8")
    whistle(database_url, "import", name, str(file), "--since", "2026-01-01")
    words = ("remove", name, str(key), "7", "--since", "2026-02-01", "--reason", "sold")
    told, _ = whistle(database_url, *words)
    assert told == [{"removed": [key], "not_held": [7 if name == "hulls" else "7"]}]
    told, _ = whistle(database_url, *words, exit_code=2)
    assert told[0]["removed"] == []
    for at, held in (("2026-01-31", 1), ("2026-02-01", 0)):
        told, _ = whistle(database_url, "export", name, str(out), "--at", at)
        assert told[0]["entries"] == held
    _, said = whistle(database_url, "remove", "hulls", "HULL", exit_code=2)
    assert said.startswith("whistle: ID: expected an MMSI, got 'HULL'")
