"""Places on papers: adcodes and their first digits in words, far beyond the districts of the map.

GB/T 2260, the provinces that barges from here go to and their prefectures.
"""

from typing import Final

from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language

PROVINCES: Final = {
    "31": ("上海", "Shanghai"),
    "32": ("江苏", "Jiangsu"),
    "33": ("浙江", "Zhejiang"),
    "34": ("安徽", "Anhui"),
}
PREFECTURES: Final = {
    "3201": ("南京", "Nanjing"),
    "3202": ("无锡", "Wuxi"),
    "3203": ("徐州", "Xuzhou"),
    "3204": ("常州", "Changzhou"),
    "3205": ("苏州", "Suzhou"),
    "3206": ("南通", "Nantong"),
    "3207": ("连云港", "Lianyungang"),
    "3208": ("淮安", "Huai'an"),
    "3209": ("盐城", "Yancheng"),
    "3210": ("扬州", "Yangzhou"),
    "3211": ("镇江", "Zhenjiang"),
    "3212": ("泰州", "Taizhou"),
    "3213": ("宿迁", "Suqian"),
    "3301": ("杭州", "Hangzhou"),
    "3302": ("宁波", "Ningbo"),
    "3303": ("温州", "Wenzhou"),
    "3304": ("嘉兴", "Jiaxing"),
    "3305": ("湖州", "Huzhou"),
    "3306": ("绍兴", "Shaoxing"),
    "3307": ("金华", "Jinhua"),
    "3308": ("衢州", "Quzhou"),
    "3309": ("舟山", "Zhoushan"),
    "3310": ("台州", "Taizhou (Zhejiang)"),
    "3311": ("丽水", "Lishui"),
    "3401": ("合肥", "Hefei"),
    "3402": ("芜湖", "Wuhu"),
    "3405": ("马鞍山", "Ma'anshan"),
    "3407": ("铜陵", "Tongling"),
    "3408": ("安庆", "Anqing"),
    "3411": ("滁州", "Chuzhou"),
    "3417": ("池州", "Chizhou"),
    "3418": ("宣城", "Xuancheng"),
}


def place_name(code: str, lang: Language, gazetteer: Gazetteer) -> str:
    """The name of a place on a paper; a code that is not known in full goes with what is known."""
    district = gazetteer.district(code, lang)
    if district != code:
        return district
    place = 0 if lang == "zh" else 1
    known = PREFECTURES.get(code[:4]) or PROVINCES.get(code[:2])
    if known is None:
        return code
    return known[place] if code in PREFECTURES or code in PROVINCES else f"{known[place]} {code}"
