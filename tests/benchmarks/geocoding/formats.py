"""More ways in which people write addresses: forms, couriers, dictation, scans.

The engine was made to read them; the calibration has not seen one.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pypinyin import lazy_pinyin

if TYPE_CHECKING:
    from tests.benchmarks.geocoding.world import Home, Query, World

STREETS = ["光明街", "团结街", "穿沙路", "锡尼大街", "园林街", "文化路"]
OFFICES = [
    "林业局",
    "交通局",
    "法院",
    "税务局",
    "烟草局",
    "三中",
    "二小",
    "中医院",
    "面粉厂",
    "地税局",
]
NAMES = ["王建军", "李娜", "张桂兰", "乌云其木格", "赵志强"]


def around(w: "World", h: "Home") -> "Query | None":
    """The building before the compound's name, the rest behind it."""
    if h.row or not h.unit:
        return None
    words = w.plain(h)
    before = w.rng.choice([f"{h.building}号楼", f"{h.building}栋 ", f"{h.building}幢，"])
    behind = w.rng.choice(
        [f"{h.unit}单元{h.room}", f"{h.unit}-{h.room}", f"{h.unit}单元{h.room}室"]
    )
    text = f"{before}{words.name}{behind}，{words.community}"
    return w.query("around", h, replace(words, town=""), text=text)


def glued(w: "World", h: "Home") -> "Query | None":
    """A telephone and a name stuck to the room."""
    words = w.plain(h)
    who = w.rng.choice(NAMES)
    after = w.rng.choice([f"{who}13947712345", f"13847798765{who}", f"{who}收15049812345"])
    return w.query("glued", h, replace(words, after=after))


def set_apart(w: "World", h: "Home") -> "Query | None":
    """Every character set apart, as forms and scanners do."""
    if h.row or not h.unit:
        return None
    words = replace(w.plain(h), numbers=f"{h.building}号楼{h.unit}单元{h.room}室")
    return w.query("set_apart", h, words, text=" ".join(words.text()))


def latin_hints(w: "World", h: "Home") -> "Query | None":
    """Hints typed in Latin letters."""
    if h.row or not h.unit:
        return None
    b, u, r = h.building, h.unit, h.room
    numbers = w.rng.choice(
        [
            f"{b}栋{u}dy{r}",
            f"{b}号楼{u}U{r}",
            f"{b}haolou{u}danyuan{r}",
            f"{b}-{u}-{int(r) // 100}F-{r}",
            f"{b}号楼{u}单元{int(r) // 100}F{r}",
            f"No.{b} {u}-{r}",
        ]
    )
    return w.query("latin_hints", h, replace(w.plain(h), numbers=numbers))


def pinyin(w: "World", h: "Home") -> "Query | None":
    """All in pinyin, as a telephone without Chinese sends it."""
    if h.row or not h.unit or len(h.compound_name) < 3:
        return None
    sounds = lazy_pinyin(h.compound_name)
    name = w.rng.choice(["", " "]).join(sounds)
    near = [n for n in w.names if lazy_pinyin(n) == sounds]
    if len(near) > 1 or len(w.by_name[h.compound_name]) > 1:
        return None
    words = replace(w.plain(h), town="", community="", name=name)
    text = f"{name} {h.building}-{h.unit}-{h.room}"
    return w.query("pinyin", h, replace(words, name=h.compound_name), text=text)


def household_book(w: "World", h: "Home") -> "Query | None":
    """As a household register has it."""
    if h.row or not h.unit:
        return None
    words = w.plain(h)
    office = w.rng.choice(["居民委员会", "居委会", "社区居民委员会"])
    stem = h.community.removesuffix("社区") if office.startswith("社区") else h.community
    numbers = f"{int(h.building):02d}幢{h.unit}单元{int(h.room):04d}室"
    words = replace(words, town=f"杭锦旗{h.town}", community=stem + office, numbers=numbers)
    return w.query("household_book", h, words)


def on_a_street(w: "World", h: "Home") -> "Query | None":
    """A street, with or without a doorplate, before the compound."""
    words = w.plain(h)
    street = w.rng.choice(STREETS)
    where = w.rng.choice(
        [
            street,
            f"{street}{w.rng.randrange(1, 200)}号",
            f"{street}北侧",
            f"{street}北",
            f"{street}与{w.rng.choice(STREETS)}交叉口",
            f"{street}中段",
        ]
    )
    text = replace(words, community=words.community + where).text()
    return w.query("on_a_street", h, words, text=text)


def repeated(w: "World", h: "Home") -> "Query | None":
    """The address twice, in two ways of writing."""
    if h.row or not h.unit:
        return None
    words = w.plain(h)
    text = (
        f"{words.name}{h.building}-{h.unit}-{h.room} {words.community}{words.name}"
        f"{h.building}号楼{h.unit}单元{h.room}"
    )
    return w.query("repeated", h, replace(words, town=""), text=text)


def courtyard(w: "World", h: "Home") -> "Query | None":
    """Bungalows, a house called a courtyard, a family, a door."""
    if not h.row:
        return None
    numbers = w.rng.choice(
        [
            f"{h.building}排{h.room}号院",
            f"{h.building}排第{h.room}家",
            f"第{h.building}排第{h.room}户",
            f"{h.building}排{h.room}号门",
            f"{int(h.building):02d}排{int(h.room):02d}号",
        ]
    )
    return w.query("courtyard", h, replace(w.plain(h), numbers=numbers))


def absent_office(w: "World", h: "Home") -> "Query | None":
    """The dwellings of a body that has none in the gazetteer."""
    name = w.rng.choice(OFFICES) + w.rng.choice(["家属楼", "家属院", "住宅楼"])
    return w.absent(h, name, "absent_office")


def absent_section(w: "World", h: "Home") -> "Query | None":
    """Another place by a word put between name and generic word: 幸福里小区, 绿洲新小区."""
    stem, generic = h.compound_name[:2], h.compound_name[2:]
    if generic not in {"小区", "花园", "家园"}:
        return None
    return w.absent(h, stem + w.rng.choice("里新城东西") + generic, "absent_section")


FORMATS: dict[str, Callable[["World", "Home"], "Query | None"]] = {
    "around": around,
    "glued": glued,
    "set_apart": set_apart,
    "latin_hints": latin_hints,
    "pinyin": pinyin,
    "household_book": household_book,
    "on_a_street": on_a_street,
    "repeated": repeated,
    "courtyard": courtyard,
    "absent_office": absent_office,
    "absent_section": absent_section,
}
