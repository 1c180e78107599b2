"""Ways to say which door, and texts that say several, take one back, or stop short of one."""

from collections.abc import Callable
from dataclasses import replace

from pypinyin import lazy_pinyin

from geo.geocoding.engine.names import split
from tests.benchmarks.geocoding.noise import HOMOPHONES
from tests.benchmarks.geocoding.occasions import in_han
from tests.benchmarks.geocoding.world import DIGITS, Home, Query, World, chinese

SEPARATED = [
    "{b}#-{u}-{r}",
    "{b}＃{u}单元{r}",
    "{b}号楼-{u}-{r}",
    "{b}栋{u}—{r}",
    "{b}--{u}--{r}",
    "{b}~{u}~{r}",
    "{b}_{u}_{r}",
    "{b}：{u}：{r}",
    "{b}*{u}*{r}",
    "({b})-{u}-{r}",
    "{b}#楼{u}#单元{r}#",
    "{b}号楼、{u}单元、{r}室",
]


def _numbers(family: str, formats: list[str]) -> Callable[[World, Home], Query | None]:
    """Make a family of ways to write building, unit and room of a flat."""

    def made(w: World, h: Home) -> Query | None:
        if h.row or not h.unit:
            return None
        floor, flat = h.room[:-2], h.room[-2:]
        letter = "甲乙丙丁戊"[int(h.unit) - 1] if int(h.unit) < 6 else h.unit
        numbers = w.rng.choice(formats).format(
            b=h.building,
            han=in_han(h.building),
            u=h.unit,
            uhan=DIGITS[int(h.unit)],
            letter=letter,
            r=h.room,
            rhan="".join(DIGITS[int(c)] for c in h.room),
            floor=floor,
            flat=flat,
            floorhan=chinese(floor),
        )
        return w.query(family, h, replace(w.plain(h), numbers=numbers))

    return made


separators = _numbers("separators", SEPARATED)
entrance = _numbers("entrance", ["{b}栋{u}栋口{r}", "{b}号楼{u}门{r}", "{b}幢{u}单元门{r}室"])
unit_letter = _numbers("unit_letter", ["{b}号楼{letter}单元{r}", "{b}栋{letter}单元{r}室"])
floor_apart = _numbers(
    "floor_apart",
    [
        "{b}号楼{u}单元{floor}层{flat}室",
        "{b}栋{u}单元{floorhan}楼{r}",
        "{b}号楼{u}单元{floor}楼{r}",
    ],
)
mixed_numerals = _numbers(
    "mixed_numerals", ["{han}号楼{u}单元{rhan}", "{b}栋{uhan}单元{r}", "{han}幢{uhan}单元{r}室"]
)


def several_rooms(w: World, h: Home) -> Query | None:
    """Two flats at once: no household is settled."""
    if h.row or not h.unit:
        return None
    floor, next_room = str(int(h.room) + 100), str(int(h.room) + 1)
    rooms = w.rng.choice(
        [
            f"{h.room}、{next_room}",
            f"{h.room}和{floor}",
            f"{h.room}室及{next_room}室",
            f"{h.room}至{floor}",
            f"{h.room}/{next_room}",
        ]
    )
    if len(floor) != len(h.room):
        return None
    words = replace(w.plain(h), numbers=f"{h.building}号楼{h.unit}单元{rooms}")
    return w.query("several_rooms", h, words, room=False)


def several_buildings(w: World, h: Home) -> Query | None:
    """Two buildings at once: the compound is settled, no building."""
    others = sorted({x.building for x in w.homes_of[h.compound]} - {h.building})
    if h.row or not others or not h.building.isdigit():
        return None
    other = w.rng.choice(others)
    numbers = w.rng.choice(
        [
            f"{h.building}号楼和{other}号楼",
            f"{h.building}、{other}号楼",
            f"{h.building}栋、{other}栋",
        ]
    )
    return _compound_only(w, h, "several_buildings", numbers + w.rng.choice(["停水", "", "之间"]))


def taken_back(w: World, h: Home) -> Query | None:
    """A slip of the tongue, mended at once."""
    others = sorted({x.building for x in w.homes_of[h.compound]} - {h.building})
    if h.row or not h.unit or not others:
        return None
    other = w.rng.choice(others)
    right = f"{h.building}号楼{h.unit}单元{h.room}"
    numbers = w.rng.choice(
        [
            f"{other}号楼，不对，{right}",
            f"{other}号楼{h.unit}单元{h.room}，说错了，{right}",
            f"不是{other}号楼是{right}",
        ]
    )
    return w.query("taken_back", h, replace(w.plain(h), numbers=numbers))


def whole_compound(w: World, h: Home) -> Query | None:
    """A compound and what is the matter there, with numbers that are none of an address."""
    after = [
        "门口",
        "院内",
        "地下车库",
        "广场舞扰民",
        "物业",
        "3天没水了",
        "内有2条流浪狗",
        "北门西侧",
    ]
    return _compound_only(w, h, "whole_compound", w.rng.choice(after))


def _compound_only(w: World, h: Home, family: str, numbers: str) -> Query | None:
    if len({x.building for x in w.homes_of[h.compound]}) == 1:
        return None
    query = w.query(family, h, replace(w.plain(h), numbers=numbers), room=False)
    if query.determined != "building":
        return None
    return replace(query, determined="compound", building="")


def beside_compound(w: World, h: Home) -> Query | None:
    """Across from a compound: its numbers are another place's, and its grid may be.

    Nobody measured how often the grid is the same, so no probability is judged by it.
    """
    words = w.plain(h)
    after = w.rng.choice(["对面", "旁边", "隔壁", "附近", "后面的平房"]) + w.rng.choice(
        ["2-101", "3号"]
    )
    return Query(replace(words, numbers=after).text(), "beside_compound", "open")


def by_side(w: World, h: Home) -> Query | None:
    """A side of a floor where rooms are numbered."""
    if h.row or not h.unit:
        return None
    side = w.rng.choice(["5楼东户", "顶楼", "三楼西", "一楼", "中户", "对门"])
    words = replace(w.plain(h), numbers=f"{h.building}号楼{h.unit}单元{side}")
    return w.query("by_side", h, words, room=False)


def generic_slip(w: World, h: Home) -> Query | None:
    """A slip by sound in the generic word: 佳院, 家书楼."""
    stem, generic = split(h.compound_name)
    if len(generic) < 2:
        return None
    at = w.rng.randrange(len(generic))
    written = (
        generic[:at] + w.rng.choice(HOMOPHONES.get(generic[at], [generic[at]])) + generic[at + 1 :]
    )
    name = stem + written
    alike = [n for n in w.names if n != h.compound_name and lazy_pinyin(n) == lazy_pinyin(name)]
    if written == generic or alike or name in w.by_name or split(name)[1] == written:
        return None
    words = replace(w.plain(h), name=name, community=h.community)
    return w.query("generic_slip", h, replace(words, name=h.compound_name), text=words.text())


def with_estate(w: World, h: Home) -> Query | None:
    """小区 behind a name that has another generic word, or none."""
    if h.compound_name.endswith("区"):
        return None
    words = w.plain(h)
    text = replace(words, name=h.compound_name + "小区").text()
    return w.query("with_estate", h, words, text=text)


DOORS: dict[str, Callable[[World, Home], Query | None]] = {
    "separators": separators,
    "entrance": entrance,
    "unit_letter": unit_letter,
    "floor_apart": floor_apart,
    "mixed_numerals": mixed_numerals,
    "several_rooms": several_rooms,
    "several_buildings": several_buildings,
    "taken_back": taken_back,
    "whole_compound": whole_compound,
    "beside_compound": beside_compound,
    "by_side": by_side,
    "generic_slip": generic_slip,
    "with_estate": with_estate,
}
