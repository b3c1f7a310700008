"""What the documents point at exists: links, pictures and named files."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)[^)]*\)")
NAMED = re.compile(
    r"`((?:domain|commands|db|streams|layers|dashboard|seed|ops|bench|docs|deploy|tests)/[\w./-]+\w)`"
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_named_files_exist(document: Path) -> None:
    text = document.read_text("utf-8")
    links = [document.parent / link for link in LINK.findall(text)]
    named = [ROOT / name for name in NAMED.findall(text)]
    assert [str(path) for path in (*links, *named) if not path.exists()] == []


def test_both_readmes_tell_the_same() -> None:
    """Same headings in number, same commands, same pages linked (their own pictures apart)."""
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md"))
    for pattern in (r"^#+ ", r"^whistle [\w-]+", r"^make \w+", r"\]\((docs/(?!img)[^)]+)\)"):
        found = [sorted(re.findall(pattern, text, re.M)) for text in (english, chinese)]
        assert found[0] == found[1]
