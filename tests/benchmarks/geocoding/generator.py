"""Addresses as people write them, of a known truth: noise families, written down.

Each family is a function from a household to a text and to what the text determines. Families and
compounds that are held out never reach the fit; the figures are read on them.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from pypinyin import lazy_pinyin

from geo.geocoding.facts import lookalikes
from geo.geocoding.names import split
from tests.benchmarks.geocoding.formats import FORMATS
from tests.benchmarks.geocoding.town import Town

HELD_OUT_FAMILIES = frozenset(
    {"dictated", "ocr_name", "labelled", "reversed", "mixed", "drop", "traditional", "junk"}
) | set(FORMATS)
HELD_OUT_EACH = 10  # of so many compounds one is held out


@dataclass(frozen=True)
class Home:
    """A household with the words of its address."""

    household: str
    compound: str
    compound_name: str
    aliases: tuple[str, ...]
    community: str
    community_code: str
    town: str
    building_id: str
    building: str
    row: bool
    unit: str
    room: str
    grid: str


@dataclass(frozen=True)
class Query:
    """A text and its truth.

    Parameters
    ----------
    determined : str
        How far the text settles the place: household, building, compound, place, community or none.
    """

    text: str
    family: str
    determined: str
    compound: str = ""
    building: str = ""
    household: str = ""
    grid: str = ""
    held_out: bool = False


@dataclass(frozen=True)
class Words:
    """What is written of a home: each piece may be noisy or left out."""

    town: str
    community: str
    name: str
    numbers: str
    before: str = ""
    after: str = ""

    def text(self) -> str:
        return f"{self.before}{self.town}{self.community}{self.name}{self.numbers}{self.after}"


DIGITS = "零一二三四五六七八九"


def chinese(number: str) -> str:
    n = int(number)
    if n < 10:
        return DIGITS[n]
    if n < 20:
        return "十" + (DIGITS[n % 10] if n % 10 else "")
    if n < 100:
        return DIGITS[n // 10] + "十" + (DIGITS[n % 10] if n % 10 else "")
    return "".join(DIGITS[int(c)] for c in number)


class World:
    """The demo town with what its names leave open."""

    def __init__(self, town: Town, seed: int = 7) -> None:
        self.rng = random.Random(seed)  # noqa: S311  (noise, no secret)
        frames = town.frames
        communities = frames["communities"].set_index("code")["name"].to_dict()
        towns = frames["towns"].set_index("code")["name"].to_dict()
        compounds = frames["compounds"].set_index("external_id")
        buildings = frames["buildings"].set_index("external_id")
        households = frames["households"]
        self.homes: list[Home] = []
        self.rooms: dict[tuple[str, str], list[Home]] = defaultdict(list)
        self.doors: dict[tuple[str, str, str, str], str] = {}
        self.by_name: dict[str, set[str]] = defaultdict(set)
        self.compounds = compounds
        self.names = {name: code for code, name in compounds["name"].items()}
        self.frames = frames
        self.held_out = set(compounds.index[HELD_OUT_EACH // 2 :: HELD_OUT_EACH])
        for code, row in compounds.iterrows():
            for form in self.written_forms(row["name"], row["aliases"]):
                self.by_name[form].add(str(code))
        for row in households.itertuples():
            building = buildings.loc[row.building_id]
            compound = compounds.loc[building["compound_id"]]
            home = Home(
                row.external_id,
                building["compound_id"],
                compound["name"],
                tuple(a for a in str(compound["aliases"] or "").split("|") if a),
                communities[compound["community_code"]],
                compound["community_code"],
                towns[compound["community_code"][:9]],
                row.building_id,
                building["name"].removesuffix("号楼").removesuffix("排"),
                building["name"].endswith("排"),
                "" if pd.isna(row.unit) else str(row.unit),
                str(row.room),
                row.grid_code,
            )
            self.homes.append(home)
            self.rooms[home.building_id, home.room].append(home)
            self.doors[home.compound, home.building + "R" * home.row, home.unit, home.room] = (
                home.household
            )
        self.community_names = list(communities.values())
        self.sounds = {name: " ".join(lazy_pinyin(split(name)[0])) for name in self.by_name}

    @staticmethod
    def written_forms(name: str, aliases: str) -> set[str]:
        forms = {name, *(a for a in str(aliases or "").split("|") if a)}
        return forms | {split(name)[0]}

    def sharers(self, home: Home, written: str) -> set[str]:
        """Compounds that the written name may mean: the same words, or the same sounds."""
        exact = self.by_name.get(written)
        if exact:
            full = {c for c in exact if self.compounds.loc[c, "name"] == written}
            return full or exact
        stem, generic = split(written)
        sound = " ".join(lazy_pinyin(stem))
        near = {
            c
            for name, s in self.sounds.items()
            if s == sound and generic in {"", split(name)[1]}
            for c in self.by_name[name]
        }
        return near | {home.compound}

    def determined(
        self, home: Home, written: Words, *, unit: bool = True, room: bool = True
    ) -> str:
        """Say how far the pieces settle the place."""
        share = self.sharers(home, written.name)
        if written.community:
            of = {
                c for c in share if self.compounds.loc[c, "community_code"] == home.community_code
            }
            if written.community.startswith(home.community[:2]):
                share = of or share
        elif written.town:
            of = {
                c
                for c in share
                if self.compounds.loc[c, "community_code"][:9] == home.community_code[:9]
            }
            share = of or share
        key = home.building + "R" * home.row
        if room and unit:
            share = {
                c
                for c in share
                if c == home.compound or (c, key, home.unit, home.room) in self.doors
            }
        if len(share) > 1 or home.compound not in share:
            return "none"
        if not room:
            return "building"
        if not unit and home.unit and len(self.rooms[home.building_id, home.room]) > 1:
            return "building"
        return "household"

    def query(
        self,
        family: str,
        home: Home,
        words: Words,
        *,
        unit: bool = True,
        room: bool = True,
        text: str | None = None,
    ) -> Query:
        level = self.determined(home, words, unit=unit, room=room)
        return Query(
            words.text() if text is None else text,
            family,
            level,
            home.compound if level != "none" else "",
            home.building_id if level != "none" else "",
            home.household if level == "household" else "",
            home.grid if level != "none" else "",
            home.compound in self.held_out,
        )

    def absent(self, home: Home, name: str, family: str) -> Query | None:
        """Put a compound that is not in the gazetteer in place of a home's; None where it is."""
        if name in self.by_name or len(self.sharers(home, name)) > 1 or name[0] == name[1]:
            return None
        stem, generic = split(name)
        if " ".join(lazy_pinyin(stem)) in self.sounds.values() and (
            generic == split(home.compound_name)[1]
        ):
            return None
        words = replace(self.plain(home), name=name)
        return Query(words.text(), family, "none", held_out=home.compound in self.held_out)

    # -- pieces ----------------------------------------------------------------------------------

    def area(self, home: Home) -> tuple[str, str]:
        """Town and community, in the ways they are written or left out."""
        r = self.rng.random()
        if r < 0.4:
            return home.town, home.community
        if r < 0.65:
            return "", home.community
        if r < 0.75:
            return "杭锦旗" + home.town, home.community
        if r < 0.82:
            return "内蒙古鄂尔多斯市杭锦旗" + home.town, home.community
        if r < 0.9:
            return home.town, ""
        return "", ""

    def numbers(self, home: Home, *, unit: bool = True) -> str:
        """A format that people use, of a home's own kind."""
        b, u, r = home.building, home.unit, home.room
        pick = self.rng.choice
        if home.row:
            return pick([f"{b}排{r}号", f"{b}排{r}户", f"第{b}排{r}号", f"{b}-{r}", f"{b}排{r}"])
        building = pick(["号楼"] * 4 + ["幢"] * 4 + ["栋"] * 4 + ["#", "#楼", "座", "号", "号"])
        if not (unit and u):
            return pick(
                [f"{b}{building}{r}", f"{b}-{r}", f"{b}{building}{r}室", f"{b}{building} {r}"]
            )
        return pick(
            [f"{b}{building}{u}单元{r}"] * 5
            + [f"{b}{building}{u}单元{r}室"] * 3
            + [f"{b}-{u}-{r}"] * 4
            + [
                f"{b}/{u}/{r}",
                f"{b}#{u}-{r}",
                f"{b}{building}{u}-{r}",
                f"{b} {u} {r}",
                f"{b}#{u}#{r}",
            ]
            + [f"{b}{building}{u}门{r}", f"第{b}栋第{u}单元{r}号", f"{b}—{u}—{r}", f"{b}·{u}·{r}"]
            + [f"{b}{building}{u}单元{int(r) // 100}楼{r}", f"{b}{building}{u}单元0{r}"]
        )

    def plain(self, home: Home, *, unit: bool = True) -> Words:
        town, community = self.area(home)
        return Words(town, community, home.compound_name, self.numbers(home, unit=unit))

    def noisy_name(self, name: str, make: Callable[[str], str | None]) -> str | None:
        """One slip in the name proper."""
        stem, generic = split(name)
        order = list(range(len(stem)))
        self.rng.shuffle(order)
        for at in order:
            changed = make(stem[at])
            if changed and changed != stem[at]:
                return stem[:at] + changed + stem[at + 1 :] + generic
        return None


def _homophones() -> dict[str, list[str]]:
    common = [chr(c) for c in range(0x4E00, 0x9FA6) if chr(c) in lookalikes()]
    by_sound = defaultdict(list)
    for character, sound in zip(common, lazy_pinyin(common), strict=True):
        by_sound[sound].append(character)
    return {c: by_sound[s] for c, s in zip(common, lazy_pinyin(common), strict=True)}


HOMOPHONES = _homophones()
TRADITIONAL = str.maketrans(
    "园号楼单镇区团结华苏农东馨绿阳时环学旧新库锡尼乐胜业丽产广银蓝骄绣锦鑫电邮杭旗独贵图",
    "園號樓單鎮區團結華蘇農東馨綠陽時環學舊新庫錫尼樂勝業麗產廣銀藍驕繡錦鑫電郵杭旗獨貴圖",
)
FULL_WIDTH = str.maketrans("0123456789-#", "０１２３４５６７８９－＃")
OCR = {"0": "Oo", "1": "lI", "2": "Z", "5": "S", "8": "B"}
JUNK_BEFORE = [
    "收货地址：",
    "地址:",
    "我住在",
    "住",
    "送到",
    "家住",
    "师傅麻烦送到",
    "反映人张建国，",
    "李四 13847712345 ",
]
JUNK_AFTER = [
    " 13947781234",
    "，王先生收",
    " 张女士 15049812345",
    "送到楼下打电话",
    "，家里没人放门口",
    "（快递放驿站）",
    " 电话0477-6621234",
    "，下午5点后在家",
    " 邮编017400",
    "，3口人",
    "暖气不热",
    "楼道灯不亮",
    "（李大姐家）",
    " 顺丰",
]
NEW_STEMS = [
    "盛世",
    "御景",
    "翡翠",
    "龙湖",
    "碧桂",
    "万达",
    "金域",
    "紫荆",
    "凤凰",
    "东方",
    "星河",
    "水岸",
    "书香",
    "丹桂",
    "梧桐",
    "观澜",
    "长安",
    "鼎盛",
    "华宇",
    "瑞景",
]
NEW_GENERICS = ["小区", "花园", "家园", "华庭", "佳苑", "公馆", "府", "城", "新村"]
ELSEWHERE = [
    "达拉特旗树林召镇",
    "达拉特旗锡尼街道",
    "东胜区",
    "鄂尔多斯市东胜区",
    "康巴什区",
    "巴彦淖尔市杭锦后旗陕坝镇",
    "杭锦后旗",
    "伊金霍洛旗阿勒腾席热镇",
    "准格尔旗薛家湾镇",
    "乌审旗嘎鲁图镇",
    "包头市昆都仑区",
    "呼和浩特市赛罕区",
    "临河区",
    "陕西省榆林市榆阳区",
    "北京市朝阳区",
]


def clean(w: World, h: Home) -> Query | None:
    return w.query("clean", h, w.plain(h))


def abbreviated(w: World, h: Home) -> Query | None:
    stem, generic = split(h.compound_name)
    if not generic or len(w.by_name[stem]) > 1:
        return None
    words = w.plain(h)
    return w.query("abbreviated", h, replace(words, town="", name=stem))


def shared_stem(w: World, h: Home) -> Query | None:
    stem, generic = split(h.compound_name)
    if not generic or len(w.by_name[stem]) < 2:
        return None
    return w.query("shared_stem", h, replace(w.plain(h), name=stem))


def alias(w: World, h: Home) -> Query | None:
    if not h.aliases:
        return None
    return w.query("alias", h, replace(w.plain(h), name=w.rng.choice(h.aliases)))


def numerals(w: World, h: Home) -> Query | None:
    b, r = chinese(h.building), chinese(h.room)
    if h.row:
        numbers = f"{b}排{r}号"
    elif h.unit:
        hint = w.rng.choice(["号楼", "栋", "幢", "座"])
        numbers = w.rng.choice(
            [f"{b}{hint}{chinese(h.unit)}单元{r}", f"{b}{hint} {chinese(h.unit)}单元 {r}室"]
        )
    else:
        return None
    return w.query("numerals", h, replace(w.plain(h), numbers=numbers))


def dictated(w: World, h: Home) -> Query | None:
    def say(number: str) -> str:
        said = chinese(number) if len(number) < 3 else "".join(DIGITS[int(c)] for c in number)
        return (
            said.replace("一", "幺")
            if len(number) > 2
            else said.replace("二", w.rng.choice("二两"))
        )

    if h.row or not h.unit:
        return None
    room = say(h.room)
    room = w.rng.choice([room, " ".join(room), " ".join(h.room)])
    numbers = f"{say(h.building)}号楼{say(h.unit)}单元{room}"
    words = replace(
        w.plain(h), numbers=numbers, before=w.rng.choice(["", "嗯那个", "就是", "我家住在"])
    )
    return w.query("dictated", h, words)


def unseparated(w: World, h: Home) -> Query | None:
    if h.row or not h.unit:
        return None
    numbers = w.rng.choice(
        [
            f"{h.building}{h.unit}{h.room}",
            f"{h.building}号楼{h.unit}{h.room}",
            f"{h.building}-{h.unit}{h.room}",
        ]
    )
    digits = h.building + h.unit + h.room
    # Another way to divide the digits that is there as well leaves the household open.
    ways = {
        (b, u, r)
        for i in (1, 2)
        for j in (0, 1, 2)
        for b, u, r in [(digits[:i], digits[i : i + j], digits[i + j :])]
        if numbers == digits or b == h.building
        for unit in ([u] if u else ["1", "2", "3", "4", "5", ""])
        if (h.compound, b, unit, r) in w.doors
    }
    words = replace(w.plain(h), numbers=numbers)
    query = w.query("unseparated", h, words)
    return None if len(ways) > 1 else query


def ocr_digits(w: World, h: Home) -> Query | None:
    words = w.plain(h)
    spots = [k for k, c in enumerate(words.numbers) if c in OCR]
    if not spots:
        return None
    chars = list(words.numbers)
    for k in w.rng.sample(spots, min(len(spots), w.rng.choice([1, 1, 2]))):
        chars[k] = w.rng.choice(OCR[chars[k]])
    return w.query("ocr_digits", h, replace(words, numbers="".join(chars)))


def _slip(
    family: str, make: Callable[[World, str], str | None]
) -> Callable[[World, Home], Query | None]:
    def slipped(w: World, h: Home) -> Query | None:
        name = w.noisy_name(h.compound_name, lambda c: make(w, c))
        if name is None:
            return None
        words = replace(w.plain(h), name=name)
        if not words.community:
            words = replace(words, community=h.community if w.rng.random() < 0.7 else "")
        return w.query(family, h, words)

    return slipped


def _drop(w: World, h: Home) -> Query | None:
    name = h.compound_name
    stem, _ = split(name)
    if len(stem) < 3:
        at = w.rng.randrange(len(stem), len(name)) if len(name) > len(stem) else None
    else:
        at = w.rng.randrange(len(name))
    if at is None:
        return None
    return w.query("drop", h, replace(w.plain(h), name=name[:at] + name[at + 1 :]))


def _insert(w: World, h: Home) -> Query | None:
    name = h.compound_name
    at = w.rng.randrange(1, len(name))
    return w.query("insert", h, replace(w.plain(h), name=name[:at] + name[at - 1] + name[at:]))


def _transpose(w: World, h: Home) -> Query | None:
    name = h.compound_name
    at = w.rng.randrange(len(name) - 1)
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return None if swapped == name else w.query("transpose", h, replace(w.plain(h), name=swapped))


def missing_unit(w: World, h: Home) -> Query | None:
    if not h.unit:
        return None
    return w.query("missing_unit", h, w.plain(h, unit=False), unit=False)


def missing_room(w: World, h: Home) -> Query | None:
    numbers = h.building + ("排" if h.row else w.rng.choice(["号楼", "栋", "幢"]))
    if h.unit and w.rng.random() < 0.4:
        numbers += f"{h.unit}单元"
    return w.query("missing_room", h, replace(w.plain(h), numbers=numbers), room=False)


def unregistered(w: World, h: Home) -> Query | None:
    """A flat that is there, or would be on another floor, with nobody registered."""
    if h.row or not h.unit:
        return None
    room = str(int(h.room) + w.rng.choice([1, -1, 100, -100, 2]))
    if (h.compound, h.building, h.unit, room) in w.doors or int(room) < 101:
        return None
    ghost = replace(h, room=room)
    words = w.plain(ghost)
    query = w.query("unregistered", ghost, words, room=False)
    return replace(query, household="")


def wrong_community(w: World, h: Home) -> Query | None:
    other = w.rng.choice([c for c in w.community_names if c != h.community])
    if len(w.by_name[h.compound_name]) > 1:
        return None
    words = replace(w.plain(h), town="", community=other)
    return w.query("wrong_community", h, words)


def wrong_town(w: World, h: Home) -> Query | None:
    if len(w.by_name[h.compound_name]) > 1:
        return None
    towns = [t for t in w.frames["towns"]["name"] if t != h.town]
    return w.query("wrong_town", h, replace(w.plain(h), town=w.rng.choice(towns), community=""))


def no_community(w: World, h: Home) -> Query | None:
    return w.query("no_community", h, replace(w.plain(h), town="", community=""))


def traditional(w: World, h: Home) -> Query | None:
    words = w.plain(h)
    return w.query("traditional", h, words, text=words.text().translate(TRADITIONAL))


def full_width(w: World, h: Home) -> Query | None:
    words = w.plain(h)
    return w.query("full_width", h, words, text=words.text().translate(FULL_WIDTH))


def junk(w: World, h: Home) -> Query | None:
    words = replace(
        w.plain(h), before=w.rng.choice([*JUNK_BEFORE, "", ""]), after=w.rng.choice(JUNK_AFTER)
    )
    return w.query("junk", h, words)


def labelled(w: World, h: Home) -> Query | None:
    if h.row or not h.unit:
        return None
    numbers = w.rng.choice(
        [
            f" 楼号:{h.building} 单元:{h.unit} 房号:{h.room}",
            f"，楼栋号：{h.building}，单元号：{h.unit}，室号：{h.room}",
            f"（楼栋{h.building}，单元{h.unit}，房间{h.room}）",
        ]
    )
    return w.query("labelled", h, replace(w.plain(h), numbers=numbers))


def reversed_order(w: World, h: Home) -> Query | None:
    if h.row or not h.unit:
        return None
    words = w.plain(h)
    text = f"{h.building}号楼{h.unit}单元{h.room}室，{words.name}，{words.community}{words.town}"
    return w.query("reversed", h, words, text=text)


def ocr_name(w: World, h: Home) -> Query | None:
    query = _slip("ocr_name", lambda v, c: v.rng.choice(lookalikes().get(c, " ")).strip() or None)(
        w, h
    )
    if query is None:
        return None
    text = query.text
    for right, wrong in (("号楼", "号搂"), ("单元", "单无"), ("小区", "小匹")):
        if w.rng.random() < 0.3:
            text = text.replace(right, wrong)
    return replace(query, text=text)


def mixed(w: World, h: Home) -> Query | None:
    words = replace(w.plain(h), before=w.rng.choice(JUNK_BEFORE), after=w.rng.choice(JUNK_AFTER))
    stem, generic = split(words.name)
    if generic and len(w.by_name[stem]) == 1 and w.rng.random() < 0.5:
        words = replace(words, name=stem)
    text = words.text()
    if w.rng.random() < 0.5:
        text = text.translate(FULL_WIDTH)
    if w.rng.random() < 0.5:
        text = text.translate(TRADITIONAL)
    return w.query("mixed", h, words, text=text)


def admin_slip(w: World, h: Home) -> Query | None:
    words = w.plain(h)
    if not words.community:
        return None
    at = w.rng.randrange(len(h.community))
    options = HOMOPHONES.get(h.community[at], []) + list(lookalikes().get(h.community[at], ""))
    if not options:
        return None
    changed = h.community[:at] + w.rng.choice(options) + h.community[at + 1 :]
    if len(w.by_name[h.compound_name]) > 1:
        return None
    return w.query("admin_slip", h, replace(words, community=changed))


def new_name(w: World, h: Home) -> Query | None:
    return w.absent(h, w.rng.choice(NEW_STEMS) + w.rng.choice(NEW_GENERICS), "new_name")


def near_name(w: World, h: Home) -> Query | None:
    """Half of a real name with half of a new one: 世纪华庭 beside 盛世华庭."""
    stem, generic = split(h.compound_name)
    other = w.rng.choice(NEW_STEMS)
    name = w.rng.choice([stem[0] + other[0], other[1] + stem[-1], other[0] + stem[-1]]) + generic
    return w.absent(h, name, "near_name")


def other_generic(w: World, h: Home) -> Query | None:
    stem, generic = split(h.compound_name)
    if not generic or generic.startswith(("家属", "平房")):
        return None
    return w.absent(
        h, stem + w.rng.choice([g for g in NEW_GENERICS if g != generic]), "other_generic"
    )


def prefixed(w: World, h: Home) -> Query | None:
    return w.absent(
        h,
        w.rng.choice(["新", "大", "金", "东", "南", "御景", "华宇"]) + h.compound_name,
        "prefixed",
    )


def other_banner(w: World, h: Home) -> Query | None:
    text = w.rng.choice(ELSEWHERE) + w.rng.choice(
        [h.compound_name, w.rng.choice(NEW_STEMS) + "小区"]
    )
    return Query(text + w.numbers(h), "other_banner", "none", held_out=h.compound in w.held_out)


def only_community(w: World, h: Home) -> Query | None:
    return Query(
        w.rng.choice([h.town, "杭锦旗" + h.town])
        + h.community
        + w.rng.choice(["", "居民", "辖区"]),
        "only_community",
        "community",
        grid=h.community_code,
    )


def landmark(w: World, _: Home) -> Query | None:
    rows: pd.DataFrame = w.frames["landmarks"]
    row: Any = rows.iloc[w.rng.randrange(len(rows))]
    if (rows["name"] == row["name"]).sum() > 1 or row["kind"] == "water":
        return None
    after = w.rng.choice(["", "", "门口", "对面", "旁边", "附近"])
    return Query(row["name"] + after, "landmark", "place", grid=row["grid_code"])


FAMILIES: dict[str, Callable[[World, Home], Query | None]] = {
    "clean": clean,
    "abbreviated": abbreviated,
    "shared_stem": shared_stem,
    "alias": alias,
    "numerals": numerals,
    "dictated": dictated,
    "unseparated": unseparated,
    "ocr_digits": ocr_digits,
    "homophone": _slip("homophone", lambda w, c: w.rng.choice(HOMOPHONES.get(c) or [c])),
    "lookalike": _slip("lookalike", lambda w, c: w.rng.choice(lookalikes().get(c) or c)),
    "ocr_name": ocr_name,
    "drop": _drop,
    "insert": _insert,
    "transpose": _transpose,
    "missing_unit": missing_unit,
    "missing_room": missing_room,
    "unregistered": unregistered,
    "no_community": no_community,
    "wrong_community": wrong_community,
    "wrong_town": wrong_town,
    "traditional": traditional,
    "full_width": full_width,
    "junk": junk,
    "labelled": labelled,
    "reversed": reversed_order,
    "mixed": mixed,
    "admin_slip": admin_slip,
    "new_name": new_name,
    "near_name": near_name,
    "other_generic": other_generic,
    "prefixed": prefixed,
    "other_banner": other_banner,
    "only_community": only_community,
    "landmark": landmark,
    **FORMATS,
}


def generate(
    world: World,
    each: int,
    *,
    families: Iterator[str] | list[str] | None = None,
    held_out: bool | None = None,
) -> list[Query]:
    """Make `each` queries a family; `held_out` picks compounds held out (True) or not (False)."""
    homes = [
        h for h in world.homes if held_out is None or (h.compound in world.held_out) == held_out
    ]
    queries: list[Query] = []
    for family in families if families is not None else FAMILIES:
        make, made, tries = FAMILIES[family], 0, 0
        while made < each and tries < each * 60:
            tries += 1
            query = make(world, world.rng.choice(homes))
            if query is not None:
                queries.append(query)
                made += 1
    return queries
