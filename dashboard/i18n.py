"""Chinese first, English one click away: gettext catalogs, compiled in memory when first used."""

import gettext
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from domain.language import Language

__all__ = ["DEFAULT", "LANGUAGES", "TAGS", "Language", "Words", "catalog", "language", "words"]

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
DEFAULT: Final[Language] = "zh"
TAGS: Final[dict[Language, str]] = {"zh": "zh-CN", "en": "en"}
"""Language tags for the page's `lang` attribute (BCP 47)."""

Words = gettext.GNUTranslations


def language(asked: str | None) -> Language:
    """The language asked for in a URL, or the default when there is no such catalog."""
    return "en" if asked == "en" else DEFAULT


@cache
def catalog(lang: Language) -> Catalog:
    """The catalog as written: `locale/<lang>/messages.po`."""
    with (files("dashboard") / "locale" / lang / "messages.po").open("rb") as source:
        return read_po(source, locale=lang)


@cache
def words(lang: Language) -> Words:
    """The catalog ready to translate."""
    compiled = BytesIO()
    write_mo(compiled, catalog(lang))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
