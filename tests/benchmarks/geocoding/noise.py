"""Addresses with everyday noise: slips, numerals, scripts, scans, pieces left out or put in.

Each family is a function from a household to a text and to what the text determines.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from pypinyin import lazy_pinyin

from geo.geocoding.engine.names import split
from geo.geocoding.facts import lookalikes
from tests.benchmarks.geocoding.world import DIGITS, Home, Query, World, chinese


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


def clean(w: World, h: Home) -> Query | None:
    return w.query("clean", h, w.plain(h))


def abbreviated(w: World, h: Home) -> Query | None:
    stem, generic = split(h.compound_name)
    if not generic or stem.isdigit() or len(w.by_name[stem]) > 1:
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


NOISE: dict[str, Callable[[World, Home], Query | None]] = {
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
}
