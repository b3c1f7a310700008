"""Words of strangers in a message of ours: harmless to whoever shows it, and cut by bytes."""

import re
import unicodedata
from typing import Final

_MOST_CHARACTERS: Final = 2000
_HARMLESS: Final = str.maketrans("<>@*_`[]#~|\\{}", "＜＞＠＊＿｀［］＃～｜＼｛｝")
_SCHEME: Final = re.compile(r":(?=//)")
_HOST_DOT: Final = re.compile(r"(?<=\w)\.(?=[^\W\d_])")
_CUT: Final = "…"


def plain(text: str) -> str:
    """`text` in one line, without what a messenger would read as more than text.

    Line breaks, controls and marks of direction go; mentions, markdown and tags are written in full
    width; no part of it becomes a link. Of more than 2000 characters the first.
    """
    shown = "".join(
        " " if one.isspace() or unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one
        for one in text[:_MOST_CHARACTERS]
        if one.isspace() or unicodedata.category(one) not in {"Cf", "Cs", "Co", "Cn"}
    )
    shown = " ".join(shown.split()).translate(_HARMLESS)
    return _HOST_DOT.sub("．", _SCHEME.sub("：", shown))


def size(text: str) -> int:
    """Bytes in UTF-8."""
    return len(text.encode())


def cut(text: str, most_bytes: int) -> str:
    """`text`, or its beginning and `…`, in at most `most_bytes`; "" where not even that fits.

    No character is cut, nor what stands on it.
    """
    if size(text) <= most_bytes:
        return text
    room = most_bytes - size(_CUT)
    if room < 0:
        return ""
    kept = text.encode()[:room].decode(errors="ignore")
    while kept and unicodedata.category(text[len(kept)]) in {"Mn", "Me", "Mc"}:
        kept = kept[:-1]
    return kept.rstrip() + _CUT
