"""What is not there: compounds that no gazetteer has, other banners, less than a compound."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from geo.geocoding.engine.names import sectioned, split
from geo.geocoding.engine.similar import cost
from tests.benchmarks.geocoding.world import Home, Query, World

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
    rows = w.frames["landmarks"]
    row: Any = rows.iloc[w.rng.randrange(len(rows))]
    if (rows["name"] == row["name"]).sum() > 1 or row["kind"] == "water":
        return None
    after = w.rng.choice(["", "", "门口", "对面", "旁边", "附近"])
    return Query(row["name"] + after, "landmark", "place", grid=row["grid_code"])


def absent_part(w: World, h: Home) -> Query | None:
    """A part of a compound that has none: 南区, 三期, C区.

    Another place, or a way to say where in the compound: the compound is right every other time.
    """
    if sectioned(h.compound_name) or h.compound_name.endswith(("区", "村")):
        return None
    part = w.rng.choice(["南区", "西区", "北院", "三期", "四期", "C区", "新区"])
    query = w.absent(h, h.compound_name + part, "absent_part")
    source = w.rng.choice(["", h.compound])
    return query and replace(query, source=source, determined="open")


def absent_character(w: World, h: Home) -> Query | None:
    """One character of a real name another, by neither sound nor looks."""
    stem, generic = split(h.compound_name)
    at = w.rng.randrange(len(stem))
    other = w.rng.choice("盛锦天富泰瑞宏广达永昌旺福寿翠玉珠")
    if cost(stem[at], other) < 1 or h.row:
        return None
    return w.absent(h, stem[:at] + other + stem[at + 1 :] + generic, "absent_character")


ABSENT: dict[str, Callable[[World, Home], Query | None]] = {
    "new_name": new_name,
    "near_name": near_name,
    "other_generic": other_generic,
    "prefixed": prefixed,
    "other_banner": other_banner,
    "absent_part": absent_part,
    "absent_character": absent_character,
}
LESS: dict[str, Callable[[World, Home], Query | None]] = {
    "only_community": only_community,
    "landmark": landmark,
}
