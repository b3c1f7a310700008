"""Every word is translated, nothing is left over, nothing is made ready beforehand."""

import re
import string
import subprocess
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from dashboard.i18n import DEFAULT, LANGUAGES, Language, catalog, language, words
from dashboard.script_words import script_words

ROOT = Path(__file__).parents[2]
CHINESE = re.compile(r"[\u3400-\u9fff]")


def said() -> set[str]:
    """Every msgid in the console's code."""
    found = extract_from_dir(ROOT / "dashboard", keywords={"_": None, "gettext": None})
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_word_is_translated_and_none_is_left_over(lang: Language) -> None:
    entries = {message.id: message for message in catalog(lang) if message.id}
    assert said() - entries.keys() == set()
    assert entries.keys() - said() == set()
    assert [message.id for message in entries.values() if not message.string] == []
    assert [message.id for message in entries.values() if message.fuzzy] == []


def test_chinese_is_chinese_and_english_is_not() -> None:
    for message in catalog("zh"):
        if message.id and CHINESE.search(str(message.id)):
            pytest.fail(f"a msgid is English: {message.id}")
    latin = [m.id for m in catalog("zh") if m.id and not CHINESE.search(str(m.string))]
    assert set(latin) <= {"{n} km/h", "{n} of {all}", ", ", "; ", "{paper} {fault}"}
    assert [m.id for m in catalog("en") if CHINESE.search(str(m.string))] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_places_to_fill_survive_translation(lang: Language) -> None:
    for message in catalog(lang):
        names = [
            {name for _, name, _, _ in string.Formatter().parse(str(text)) if name}
            for text in (message.id, message.string)
        ]
        assert names[0] == names[1], message.id


def test_the_language_asked_for() -> None:
    assert language("en") == "en"
    assert {language(asked) for asked in (None, "", "zh", "EN", "<b>", "../en")} == {DEFAULT}
    assert words("zh").gettext("Whistle") == "吹哨"
    assert words("en").gettext("Whistle") == "Whistle"


def test_the_script_has_the_same_words_in_every_language() -> None:
    keys = {lang: script_words(lang).keys() for lang in LANGUAGES}
    assert keys["zh"] == keys["en"]
    used = set()
    for script in (ROOT / "dashboard" / "static").glob("*.js"):
        used |= set(re.findall(r"\bsay\('(\w+)'", script.read_text("utf-8")))
    assert used <= keys["zh"]


def test_no_compiled_catalog_is_kept() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "*.mo"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert listed == ""
