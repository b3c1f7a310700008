"""Words of others on the one-tap page: in one line, without signs that turn or hide text, cut."""

import unicodedata
from datetime import datetime
from typing import Final

from domain.clock import SHANGHAI

_SPACE: Final = frozenset({"Cc", "Zl", "Zp"})
_GONE: Final = frozenset({"Cf", "Cs", "Co", "Cn"})


def shown(text: str, most: int) -> str:
    """`text` in at most `most` characters; not escaped, that is done by `dashboard.markup`."""
    kept = []
    for sign in text[: 4 * most]:
        kind = unicodedata.category(sign)
        if sign.isspace() or kind in _SPACE:
            kept.append(" ")
        elif kind not in _GONE:
            kept.append(sign)
    line = " ".join("".join(kept).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def moment(at: datetime, now: datetime) -> str:
    """Shanghai time: the clock, before it the day where it is not today's."""
    local = at.astimezone(SHANGHAI)
    today = local.date() == now.astimezone(SHANGHAI).date()
    return f"{local:%H:%M}" if today else f"{local:%m-%d %H:%M}"
