"""What in a gazetteer will make addresses ambiguous, or unreadable: pure rules over its tables."""

import pandas as pd

from geo.codes import COMMUNITY_DIGITS, TOWN_DIGITS
from geo.geocoding.engine.normalise import fold
from geo.geocoding.repository import Places

# What must be put right, and what is only worth knowing: real towns use a name twice.
ERROR, NOTE = "error", "note"
COLUMNS = ["severity", "code", "kind", "id", "name", "detail_zh", "detail_en"]


def check(places: Places) -> pd.DataFrame:
    """List what is doubtful about a gazetteer.

    Parameters
    ----------
    places : Places

    Returns
    -------
    DataFrame
        `severity` ("error" or "note"), `code`, `kind` and `id` of the place, its `name`,
        `detail_zh`, `detail_en`; errors first, then by code and id. Empty where all is well.
    """
    rules = (
        _blank,
        _same_name,
        _alias_collides,
        _alias_unknown,
        _without_buildings,
        _without_rooms,
        _same_building,
        _same_room,
        _beyond_building,
    )
    found = [part for part in (rule(places) for rule in rules) if len(part)]
    if not found:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(found).sort_values(["severity", "code", "id"], ignore_index=True)[COLUMNS]


def _findings(
    frame: pd.DataFrame,
    severity: str,
    code: str,
    kind: str,
    *,
    zh: pd.Series | str,
    en: pd.Series | str,
) -> pd.DataFrame:
    """Make findings of rows that have `id` and `name`."""
    return pd.DataFrame(
        {
            "severity": severity,
            "code": code,
            "kind": kind,
            "id": frame["id"].astype("str"),
            "name": frame["name"].astype("str"),
            "detail_zh": zh,
            "detail_en": en,
        }
    )


def _named(places: Places) -> pd.DataFrame:
    """List what has a name of its own: `kind`, `id`, `name`, `within` (town or community)."""
    parts = []
    for table, kind, key in (
        ("towns", "town", "code"),
        ("communities", "community", "code"),
        ("compounds", "compound", "external_id"),
        ("landmarks", "landmark", "external_id"),
        ("organisations", "organisation", "external_id"),
    ):
        frame = getattr(places, table)
        within = (
            frame["code"].str[:TOWN_DIGITS]
            if key == "code"
            else frame["grid_code"].str[:COMMUNITY_DIGITS]
        )
        columns = {"kind": kind, "id": frame[key], "name": frame["name"], "within": within}
        parts.append(pd.DataFrame({**columns, "aliases": frame["aliases"].fillna("")}))
    return pd.concat(parts, ignore_index=True)


def _by_names(places: Places) -> pd.DataFrame:
    """List every other name: `kind`, `id`, `name` (the place's own), `alias`."""
    named = _named(places)
    own = named.assign(alias=named["aliases"].str.split("|")).explode("alias")
    extra = _extra(places)
    extra = extra[["kind", "id", "alias"]].merge(named[["kind", "id", "name"]], on=["kind", "id"])
    both = pd.concat([own[["kind", "id", "name", "alias"]], extra], ignore_index=True)
    return both[both["alias"].fillna("") != ""].drop_duplicates()


def _extra(places: Places) -> pd.DataFrame:
    """Give the aliases that stand in a table of their own: `kind`, `id` of the place, `alias`."""
    targets = places.aliases[["target_kind", "target_id", "alias"]]
    return targets.set_axis(["kind", "id", "alias"], axis="columns").astype("str")


def _blank(places: Places) -> pd.DataFrame:
    named = _named(places)
    bad = named[named["name"].fillna("").str.strip() == ""]
    return _findings(
        bad, ERROR, "NAME.blank", "place", zh="没有名称，请补全", en="it has no name; give it one"
    ).assign(kind=bad["kind"])


def _same_name(places: Places) -> pd.DataFrame:
    named = _named(places)
    # Streets stop and go on, so a street's name stands there several times by nature.
    named = named[named["kind"].isin(["community", "compound"])]
    named = named.assign(folded=named["name"].map(fold))
    twice = named[named.duplicated(["kind", "folded"], keep=False)]
    if twice.empty:
        return pd.DataFrame(columns=COLUMNS)
    here = twice.duplicated(["kind", "folded", "within"], keep=False)
    others = twice.groupby(["kind", "folded"])["id"].transform(", ".join)
    found = _findings(
        twice,
        NOTE,
        "NAME.twice",
        "place",
        zh="同名：" + others + "；地址须写明社区或镇才能区分",
        en="the same name: " + others + "; an address must name the community or town",
    ).assign(kind=twice["kind"])
    return found.assign(severity=here.map({True: ERROR, False: NOTE}))


def _alias_collides(places: Places) -> pd.DataFrame:
    by_names = _by_names(places)
    by_names = by_names[by_names["kind"] == "compound"]
    by_names = by_names.assign(folded=by_names["alias"].map(fold))
    within = places.compounds.set_index("external_id")["grid_code"].str[:COMMUNITY_DIGITS]
    compounds = places.compounds.assign(folded=places.compounds["name"].map(fold))
    names = compounds[["external_id", "name", "folded"]].rename(
        columns={"external_id": "other", "name": "other_name"}
    )
    others = by_names[["id", "name", "folded"]].rename(
        columns={"id": "other", "name": "other_name"}
    )
    listed = pd.concat([names.assign(own=True), others.assign(own=False)])
    hit = by_names.merge(listed.drop_duplicates(["other", "folded"]), on="folded")
    hit = hit[hit["id"] != hit["other"]].reset_index(drop=True)
    called = hit["other_name"] + " (" + hit["other"] + ")"
    # 教师楼 of one community and 教师楼 of another are told apart as two of one name are.
    apart = (hit["id"].map(within) != hit["other"].map(within)) & ~hit["own"].astype(bool)
    found = _findings(
        hit,
        ERROR,
        "ALIAS.collides",
        "compound",
        zh="别名“" + hit["alias"] + "”也是 " + called + " 的名称，请只保留一处，或在地址中写明社区",
        en="its alias " + hit["alias"] + " is a name of " + called + " too; keep one, or name the "
        "community in the address",
    )
    return found.assign(severity=apart.map({True: NOTE, False: ERROR}))


def _alias_unknown(places: Places) -> pd.DataFrame:
    known = pd.concat(
        [
            _named(places)[["kind", "id"]],
            pd.DataFrame({"kind": "building", "id": places.buildings["external_id"]}),
        ]
    )
    joined = _extra(places).merge(
        known.drop_duplicates(), on=["kind", "id"], how="left", indicator=True
    )
    lost = joined[joined["_merge"] == "left_only"].assign(name=lambda rows: rows["alias"])
    return _findings(
        lost,
        ERROR,
        "ALIAS.unknown",
        "place",
        zh="别名所指的地点不存在，请更正或撤销",
        en="the place that this alias is of is not there; correct or withdraw it",
    ).assign(kind=lost["kind"])


def _without_buildings(places: Places) -> pd.DataFrame:
    compounds = places.compounds.rename(columns={"external_id": "id"})
    bare = compounds[~compounds["id"].isin(places.buildings["compound_id"])]
    return _findings(
        bare,
        NOTE,
        "COMPOUND.withoutBuildings",
        "compound",
        zh="没有楼栋，地址只能定位到小区",
        en="it has no building; addresses are read as far as the compound only",
    )


def _buildings(places: Places) -> pd.DataFrame:
    names = places.compounds.set_index("external_id")["name"]
    return places.buildings.assign(
        id=places.buildings["external_id"],
        called=places.buildings["name"],
        name=places.buildings["compound_id"].map(names).fillna("") + places.buildings["name"],
    )


def _without_rooms(places: Places) -> pd.DataFrame:
    buildings = _buildings(places)
    rooms = buildings["units"].clip(lower=1) * buildings["floors"] * buildings["rooms_per_floor"]
    bare = buildings[(rooms == 0) & ~buildings["id"].isin(places.households["building_id"])]
    return _findings(
        bare,
        NOTE,
        "BUILDING.withoutRooms",
        "building",
        zh="没有登记层数、户数或住户，地址只能定位到楼",
        en="it has neither floors and flats nor households; addresses are read as far as it only",
    )


def _same_building(places: Places) -> pd.DataFrame:
    buildings = _buildings(places)
    buildings = buildings.assign(folded=buildings["called"].map(fold))
    twice = buildings[buildings.duplicated(["compound_id", "folded"], keep=False)]
    return _findings(
        twice,
        ERROR,
        "BUILDING.twice",
        "building",
        zh="同一小区有两栋楼用此楼号，请更正其一",
        en="two buildings of the compound have this number; correct one",
    )


def _same_room(places: Places) -> pd.DataFrame:
    homes = places.households.dropna(subset=["building_id", "room"])
    homes = homes.assign(at=homes["unit"].fillna(""))
    twice = homes[homes.duplicated(["building_id", "at", "room"], keep=False)]
    who = twice.rename(columns={"external_id": "id"})
    who = who.assign(name=who["at"].where(who["at"] == "", who["at"] + "-") + who["room"])
    return _findings(
        who,
        NOTE,
        "ROOM.twice",
        "household",
        zh="同一室登记了两户，地址无法区分",
        en="two households are registered in this room; an address cannot tell them apart",
    )


def _beyond_building(places: Places) -> pd.DataFrame:
    sizes = places.buildings.set_index("external_id")["units"]
    homes = places.households.dropna(subset=["building_id", "unit"])
    unit = pd.to_numeric(homes["unit"], errors="coerce").astype(float)
    beyond = homes[unit > homes["building_id"].map(sizes).astype(float)]
    who = beyond.rename(columns={"external_id": "id"})
    who = who.assign(name=who["unit"] + "-" + who["room"].fillna(""))
    return _findings(
        who,
        ERROR,
        "UNIT.beyondBuilding",
        "household",
        zh="单元号超出该楼的单元数，请核对住户或楼栋",
        en="its unit is beyond those of the building; check the household or the building",
    )
