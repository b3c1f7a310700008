"""Places as officers write them on papers: provinces, cities and the districts around, as adcodes.

Names and codes are those of the national table of administrative divisions (GB/T 2260).
"""

import re
from typing import Final

_PROVINCES: Final = {"上海": "31", "江苏": "32", "浙江": "33", "安徽": "34"}
_CITIES: Final = {"苏州": "3205", "嘉兴": "3304", "湖州": "3305"}
DISTRICTS: Final = {
    "青浦": "310118",
    "吴江": "320509",
    "嘉善": "330421",
    "昆山": "320583",
    "吴中": "320506",
    "吴兴": "330502",
    "南浔": "330503",
    "秀洲": "330411",
    "南湖": "330402",
    "平湖": "330482",
    "桐乡": "330483",
    "松江": "310117",
    "金山": "310116",
    "嘉定": "310114",
    "闵行": "310112",
}
"""The three members and their neighbours, as the map has them."""

_WRITTEN: Final = re.compile(
    rf"(?:(?P<province>{'|'.join(_PROVINCES)})[省市]?)?"
    rf"(?:(?P<city>{'|'.join(_CITIES)})市?)?"
    rf"(?:(?P<district>{'|'.join(DISTRICTS)})[区市县]?)?"
)


def adcode_of(name: str) -> str | None:
    """The adcode or its first digits for `青浦`, `吴江区`, `浙江省嘉兴市嘉善县`, `上海市`.

    `None` for any other text, and for a name that contradicts itself (`上海市吴江区`). What a
    district calls itself counts not: 吴江 was 市 and is 区.
    """
    said = _WRITTEN.fullmatch("".join(name.split()))
    if said is None:
        return None
    parts = (
        table[found]
        for found, table in zip(said.groups(), (_PROVINCES, _CITIES, DISTRICTS), strict=True)
        if found is not None
    )
    code = ""
    for part in parts:
        if not part.startswith(code):
            return None
        code = part
    return code or None
