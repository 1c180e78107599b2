"""Addresses by who writes them down: couriers, hotlines, police, forms, telephones, scanners."""

from collections.abc import Callable
from dataclasses import replace

from tests.benchmarks.geocoding.world import DIGITS, Home, Query, World, chinese

PEOPLE = ["王丽", "张师傅", "李女士", "其木格", "苏雅拉", "赵建国", "乌云其其格", "刘先生"]
PAUSES = ["", "", "", "嗯", "那个", "就是", "啊", "呃", "，"]
BESIDE = ["农业银行", "蒙医院", "加油站", "人民公园", "老车站", "信用社", "鸿雁酒店", "公安局"]


def telephone(w: World) -> str:
    return "1" + w.rng.choice("3589") + "".join(w.rng.choice("0123456789") for _ in range(9))


def courier(w: World, h: Home) -> Query | None:
    """A parcel's label: who, a telephone, where to leave it."""
    who, phone = w.rng.choice(PEOPLE), telephone(w)
    before = ["", f"{who} {phone} ", f"收货人：{who}，{phone}，", f"收件人{who} 电话{phone} 地址"]
    after = [
        f" {who} {phone}",
        f"({who}){phone}",
        f" {phone[:3]}****{phone[-4:]}",
        "，放小区门口菜鸟驿站",
        " 晚上七点以后送",
        "，快递放一楼电表箱",
        "[1234转8号]",
        "",
    ]
    words = replace(w.plain(h), before=w.rng.choice(before), after=w.rng.choice(after))
    return w.query("courier", h, words)


def spoken(w: World, h: Home) -> Query | None:
    """Dictated with pauses between the pieces."""

    def pause() -> str:
        return w.rng.choice(PAUSES)

    words = w.plain(h)
    room = "".join(DIGITS[int(c)] for c in h.room)
    if h.row:
        numbers = f"{chinese(h.building)}排{pause()}{chinese(h.room)}号"
    else:
        unit = f"{chinese(h.unit)}单元" if h.unit else ""
        numbers = f"{in_han(h.building)}{w.rng.choice(['号楼', '栋', '幢'])}{pause()}{unit}{room}"
    before = w.rng.choice(["我家在", "他住", "地址是", "记一下", ""])
    end = w.rng.choice(["", "。", "吧", "，对"])
    text = f"{pause()}{before}{words.town}{words.community}{pause()}{words.name}{pause()}"
    return w.query("spoken", h, words, text=text + numbers + end)


def in_han(building: str) -> str:
    """A building's number in Chinese numerals; a letter stays before it."""
    letter, number = building.rstrip("0123456789"), building.lstrip("ABCDEFGH")
    return letter + (chinese(number) if number else "")


def sheet(w: World, h: Home) -> Query | None:
    """The cells of a form or a table in one line."""
    if h.row:
        return None
    words = replace(w.plain(h), town="", community=h.community)
    n, b, u, r = words.name, h.building, h.unit, h.room
    texts = [
        f"小区：{n} 楼号：{b} " + (f"单元：{u} " if u else "") + f"房号：{r}",
        f"小区名称:{n};楼栋:{b}号楼;" + (f"单元:{u};" if u else "") + f"门牌:{r}",
        f"社区：{h.community}，小区：{n}，楼：{b}，" + (f"单元：{u}，" if u else "") + f"室：{r}",
        "|".join(part for part in (h.community, n, b + "号楼", u, r) if part),
        "\t".join(
            part for part in (h.town, h.community, n, b + "号楼", u and u + "单元", r) if part
        ),
    ]
    at = w.rng.randrange(len(texts))
    words = replace(words, community=h.community if at > 1 else "")
    return w.query("sheet", h, words, text=texts[at])


def hotline(w: World, h: Home) -> Query | None:
    """What somebody calls about, with numbers of its own."""
    before = [
        "市民反映：",
        "来电人称",
        "群众来电反映",
        "【12345】",
        "诉求人反映其居住的",
        "网友投诉",
    ]
    after = [
        "家中停水两天",
        "楼上漏水，请处理",
        "暖气不热，室内只有15度",
        "垃圾没人清理3天了",
        "楼道灯不亮",
        "邻居半夜2点装修扰民",
        "有2条流浪狗",
        "住户反映电梯停运4天",
    ]
    words = replace(w.plain(h), before=w.rng.choice(before), after=w.rng.choice(after))
    return w.query("hotline", h, words)


def message(w: World, h: Home) -> Query | None:
    """A chat message."""
    before = w.rng.choice(
        ["[位置]", "哥，", "在吗～", "你好 ", "麻烦来一下", "😊", "下单地址 ", ""]
    )
    after = w.rng.choice(["😂", "~", "！！", "，谢谢🙏", "哈，快点", "[抱拳]", "👍👍", "@老王"])
    return w.query("message", h, replace(w.plain(h), before=before, after=after))


def police_record(w: World, h: Home) -> Query | None:
    """Where somebody lives, in a record."""
    before = w.rng.choice(["现住", "户籍地址：", "现住址为", "报警人称住在", "暂住", "经常居住地"])
    who = w.rng.choice(["", "王某某，男，汉族，1978年5月12日出生，", "嫌疑人李某，"])
    after = w.rng.choice(["", "，无业。", "（与户籍不符）", "。2026年3月5日登记", "，联系不上"])
    words = replace(w.plain(h), town=f"内蒙古自治区鄂尔多斯市杭锦旗{h.town}", community=h.community)
    return w.query("police_record", h, replace(words, before=who + before, after=after))


def line_broken(w: World, h: Home) -> Query | None:
    """Spaces and line ends where a scanner or a narrow cell put them, none within a number."""
    words = w.plain(h)
    text = words.text()
    broken = ""
    for at, c in enumerate(text):
        broken += c
        follows = text[at + 1 : at + 2]
        inside = c in "0123456789" or follows in "0123456789号楼栋幢座单元室"
        if w.rng.random() < 0.15 and not inside:
            broken += w.rng.choice([" ", "  ", "\n", "\t"])
    return w.query("line_broken", h, words, text=broken)


def by_landmark(w: World, h: Home) -> Query | None:
    """What stands beside it, before or behind."""
    words, place = w.plain(h), w.rng.choice(BESIDE)
    text = w.rng.choice(
        [
            f"{place}后面{words.name}{words.numbers}",
            f"{words.name}（{place}对面）{words.numbers}",
            f"{words.name}{words.numbers}，{place}旁边",
            f"{place}对面的{words.name}{words.numbers}",
            f"{place}往北200米{words.name}{words.numbers}",
        ]
    )
    return w.query("by_landmark", h, replace(words, town="", community=""), text=text)


OCCASIONS: dict[str, Callable[[World, Home], Query | None]] = {
    "courier": courier,
    "spoken": spoken,
    "sheet": sheet,
    "hotline": hotline,
    "message": message,
    "police_record": police_record,
    "line_broken": line_broken,
    "by_landmark": by_landmark,
}
