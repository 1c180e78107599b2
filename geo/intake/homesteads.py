"""Compounds, buildings and households by their names and doors."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from geo.intake import doors, made_numbers, named, stored
from geo.intake.meant import SHOWN, Meant, Names, Rows, mean
from geo.intake.model import Mask, Remark

# What people leave out of the name of a compound, or add to it.
_GENERIC = "小区"
_DOOR = ("compound", "building", "unit", "room", "door")
Place = tuple[str, str, str, str]


@dataclass
class Homes:
    """See `geo.intake.references.Resolved`."""

    compounds: pd.Series | None = None
    renumbered: dict[int, tuple[str, str]] = field(default_factory=dict)


class _Ground:
    """Compounds and buildings as they are stored."""

    def __init__(self, rows: Rows) -> None:
        known = stored.compounds(rows.session)
        self.compounds = Names(
            (
                (number, (name, *aliases), community)
                for number, name, aliases, community in known.itertuples(index=False)
            ),
            generic=_GENERIC,
        )
        self.communities = stored.communities(rows.session)
        self.of_building: dict[str, tuple[str, str]] = {}
        self.by_part: dict[tuple[str, str], list[str]] = defaultdict(list)
        for number, compound, name in stored.buildings(rows.session).itertuples(index=False):
            part = doors.part(name, "building")
            self.of_building[number] = compound, part
            self.by_part[compound, part].append(number)

    def name_pattern(self) -> re.Pattern[str] | None:
        """Give what finds a compound's name in an address, the longest first."""
        names = {name for found in self.compounds.names.values() for name in found}
        listed = sorted(filter(None, names), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, listed))) if listed else None


def read_addresses(rows: Rows) -> None:
    """Let addresses say the doors of households that have neither a number nor a door."""
    lists_homes = rows.kind.name == "households" and "address" in rows.read
    if lists_homes and not {"external_id", "room", "door"} & set(rows.read):
        rows.read["door"] = rows.read["address"].astype("str")


def find(rows: Rows) -> Homes:
    """Put numbers of compounds, buildings and households where rows say names and doors.

    Parameters
    ----------
    rows : Rows
        Their columns are replaced.

    Returns
    -------
    Homes
    """
    ground = _Ground(rows)
    meant = _find_compounds(rows, ground)
    compounds = meant.numbers
    if "compound_id" in rows.read:
        rows.note("compound", "compound_id", meant)
        rows.read["compound_id"] = compounds.fillna(rows.read["compound_id"])
        if rows.kind.name == "buildings":
            _number_buildings(rows, ground, compounds)
        return Homes(compounds)
    compounds, parts = _of_known_buildings(rows, ground, compounds)
    if "building_id" in rows.kind.columns:
        compounds = _find_buildings(rows, ground, meant, compounds, parts)
    if rows.kind.name == "households":
        return Homes(compounds, _number_households(rows, ground, meant, compounds, parts))
    if "household_id" in rows.kind.columns:
        _find_households(rows, ground, meant, compounds, parts)
    return Homes(compounds)


def _find_compounds(rows: Rows, ground: _Ground) -> Meant:
    codes = ground.communities.itertuples(index=False)
    within = mean(
        rows.column("community"), Names((code, (name,), None) for code, name in codes)
    ).numbers
    text = rows.column("door")
    pattern = ground.name_pattern()
    found = None
    if pattern is not None and not text.isna().all():
        found = text.str.extract(f"({pattern.pattern})", expand=False).astype("str")
        # What stands behind the name is the door.
        behind = text.str.replace(f"^.*?(?:{pattern.pattern})(?:{_GENERIC})?", "", regex=True)
        rows.read["door"] = behind.astype("str")
    for name in ("compound_id", "compound"):
        if name in rows.read:
            return mean(rows.read[name], ground.compounds, within)
    return mean(rows.column("compound") if found is None else found, ground.compounds, within)


def _of_known_buildings(
    rows: Rows, ground: _Ground, compounds: pd.Series
) -> tuple[pd.Series, pd.DataFrame]:
    """Give compounds and doors; of rows with the number of a building, those of that building."""
    cells = {name: rows.column(name) for name in _DOOR[1:]}
    for name in ("building_id", "building"):
        known = rows.column(name).map(ground.of_building, na_action="ignore")
        has = known.notna().to_numpy(dtype=bool)
        if has.any():
            own, part = (known[has].str[at].astype("str") for at in (0, 1))
            compounds = compounds.fillna(own.reindex(rows.index))
            cells["building"] = cells["building"].mask(has, part.reindex(rows.index))
    return compounds, doors.of_rows(cells, rows.index)


def _find_buildings(
    rows: Rows, ground: _Ground, meant: Meant, compounds: pd.Series, parts: pd.DataFrame
) -> pd.Series:
    """Fill in the number of the building where rows say compound and building."""
    own = rows.column("building_id")
    pairs = list(zip(compounds.fillna(""), parts["building"], strict=True))
    found = [ground.by_part.get(pair, []) for pair in pairs]
    one = pd.Series(
        [each[0] if len(each) == 1 else None for each in found], index=rows.index, dtype="str"
    )
    if "building_id" in rows.matched or "compound" in rows.matched:
        rows.read["building_id"] = own.fillna(one)
    if rows.kind.columns["building_id"].required:
        asked = own.isna().to_numpy(dtype=bool)
        rows.note("compound", "compound", meant, asked) if "compound" in rows.read else None
        said = (compounds.notna() & (parts["building"] != "")).to_numpy(dtype=bool) & asked
        rows.note_cells(
            "building",
            rows.heading("compound", "building"),
            _shown(rows, ("compound", "building")),
            _meant(found, said, [""] * len(found)),
        )
    return compounds


def _number_buildings(rows: Rows, ground: _Ground, compounds: pd.Series) -> None:
    own = rows.column("external_id")
    without = own.isna().to_numpy(dtype=bool)
    if without.any():
        parts = [doors.part(name, "building") for name in rows.read["name"].fillna("")]
        pairs = list(zip(compounds.fillna(""), parts, strict=True))
        found = [ground.by_part.get(pair, []) for pair in pairs]
        asked = without & np.array([len(each) > 1 for each in found], dtype=bool)
        rows.note_cells(
            "building",
            rows.heading("compound_id", "name"),
            _shown(rows, ("compound_id", "name")),
            _meant(found, asked, [""] * len(found)),
        )
        made = [
            each[0] if each else (made_numbers.BETWEEN.join(pair) if all(pair) else None)
            for each, pair in zip(found, pairs, strict=True)
        ]
        own = own.fillna(pd.Series(made, index=rows.index, dtype="str"))
        rows.remarks.append(Remark("NUMBERS.buildings", {"count": int(without.sum())}))
    rows.read["external_id"] = own


class _Register:
    """Stored households by their doors."""

    def __init__(self, rows: Rows, ground: _Ground) -> None:
        self.numbers: set[str] = set()
        self.exact: dict[Place, list[str]] = defaultdict(list)
        self.loose: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
        self.doors: dict[tuple[str, str], list[str]] = defaultdict(list)
        compounds = frozenset(ground.compounds.numbers)
        pattern = ground.name_pattern()
        there = stored.households(rows.session)
        self.addresses = there.set_index("external_id")["address"]
        known = [ground.of_building.get(each, (None, None)) for each in there["building"]]
        own = pd.DataFrame(known, columns=["compound", "building"], index=there.index, dtype="str")
        parts = doors.of_rows(
            {"building": own["building"], "unit": there["unit"], "room": there["room"]},
            there.index,
        )
        places = zip(
            there["external_id"],
            there["address"],
            own["compound"],
            *(parts[name] for name in parts),
            strict=True,
        )
        for number, address, compound, building, unit, room in places:
            self.numbers.add(number)
            place: Place | None = (compound, building, unit, room)
            if not isinstance(compound, str):
                place = made_numbers.read_door(number, compounds)
                if place is None and isinstance(address, str) and pattern is not None:
                    place = _in_address(address, ground.compounds, pattern)
            if place is not None and place[-1]:
                self._add(number, place)

    def _add(self, number: str, place: Place) -> None:
        compound, building, unit, room = place
        self.exact[place].append(number)
        self.loose[compound, building, room].append((unit, number))
        self.doors[compound, building].append("-".join(filter(None, place[1:])))

    def find(self, place: Place) -> list[str]:
        """Give the households of a door; without a unit, those of the room in any."""
        found = self.exact.get(place)
        if found:
            return found
        compound, building, unit, room = place
        several = self.loose.get((compound, building, room), [])
        return [number for other, number in several if not unit or not other]

    def near(self, place: Place) -> list[str]:
        """Give doors of the building that may have been meant."""
        there = self.doors.get((place[0], place[1]), [])
        return named.near("-".join(filter(None, place[1:])), there)


def _in_address(address: str, compounds: Names, pattern: re.Pattern[str]) -> Place | None:
    """Read the door of a household whose building is not stored."""
    name = pattern.search(address)
    found = [] if name is None else compounds.find(name[0])
    door = None if name is None else doors.read(address[name.end() :].removeprefix(_GENERIC))
    return None if door is None or len(found) != 1 else (found[0], *door)


def _write_addresses(
    rows: Rows, ground: _Ground, register: _Register, compounds: pd.Series, parts: pd.DataFrame
) -> None:
    """Keep the door of households whose building is not stored, in their address.

    Else nobody would know it once the household has another number.
    """
    lacks = rows.column("building_id").isna() & compounds.notna() & (parts["room"] != "")
    if "address" in rows.read or not lacks.any():
        return
    marks = {"building": "幢", "unit": "单元", "room": "室"}
    made = compounds.map(ground.compounds.shown, na_action="ignore").astype("str")
    for name, mark in marks.items():
        made = made + (parts[name] + mark).where(parts[name] != "", "")
    there = register.addresses.reindex(rows.read["external_id"].astype(object))
    kept = pd.Series(there.to_numpy(dtype=object), index=rows.index).astype("str")
    rows.read["address"] = made.where(lacks, kept)


def _places(compounds: pd.Series, parts: pd.DataFrame) -> list[Place]:
    columns = [compounds.fillna("").tolist(), *(parts[name].tolist() for name in parts)]
    return list(zip(*columns, strict=True))


def _number_households(
    rows: Rows, ground: _Ground, meant: Meant, compounds: pd.Series, parts: pd.DataFrame
) -> dict[int, tuple[str, str]]:
    """Give households without a number that of their door's, or make one."""
    own = rows.column("external_id")
    without = own.isna().to_numpy(dtype=bool)
    for name in ("unit", "room"):
        said = parts[name].where(parts[name] != "")
        rows.read[name] = rows.column(name).fillna(said.astype("str"))
    made = made_numbers.of_doors(compounds, parts)
    if made.isna().all():
        return {}
    register = _Register(rows, ground)
    places = _places(compounds, parts)
    if without.any():
        if "compound" in rows.read:
            rows.note("compound", "compound", meant, without)
        found = [
            register.find(place) if asked and place[0] else []
            for place, asked in zip(places, without, strict=True)
        ]
        several = np.array([len(each) > 1 for each in found], dtype=bool)
        heading, shown = rows.heading(*_DOOR), _shown(rows, _DOOR)
        rows.note_cells("household", heading, shown, _meant(found, several, [""] * len(found)))
        one = [each[0] if len(each) == 1 else None for each in found]
        met = pd.Series(one, index=rows.index, dtype="str")
        rows.remarks.append(
            Remark("NUMBERS.doors", {"count": int(without.sum()), "met": int(met.notna().sum())})
        )
        rows.read["external_id"] = own.fillna(met).fillna(made)
    _write_addresses(rows, ground, register, compounds, parts)
    renumbered: dict[int, tuple[str, str]] = {}
    taken = set()
    for at, (number, door) in enumerate(zip(own, made, strict=True)):
        if isinstance(number, str) and number not in register.numbers and number not in taken:
            taken.add(number)
            if isinstance(door, str) and door in register.numbers and door not in taken:
                taken.add(door)
                renumbered[at] = (door, number)
    return renumbered


def _find_households(
    rows: Rows, ground: _Ground, meant: Meant, compounds: pd.Series, parts: pd.DataFrame
) -> None:
    """Fill in the number of the household where rows say its door."""
    own = rows.column("household_id")
    asked = own.isna().to_numpy(dtype=bool)
    if not asked.any():
        return
    if "compound" in rows.read:
        rows.note("compound", "compound", meant, asked)
    register = _Register(rows, ground)
    said = (parts["room"] != "").to_numpy(dtype=bool)
    wrong = meant.unknown | meant.several
    places = _places(compounds, parts)
    found = [
        register.find(place) if wanted else []
        for place, wanted in zip(places, asked & said, strict=True)
    ]
    text = _shown(rows, _DOOR)
    filled = (text != "").to_numpy(dtype=bool)
    needed = asked & ~wrong & (said | (filled & ("door" in rows.read)))
    near = [
        "、".join(register.near(place)) if wanted and not each else ""
        for place, each, wanted in zip(places, found, needed, strict=True)
    ]
    rows.note_cells("household", rows.heading(*_DOOR), text, _meant(found, needed, near))
    one = [each[0] if len(each) == 1 else None for each in found]
    rows.read["household_id"] = own.fillna(pd.Series(one, index=rows.index, dtype="str"))


def _shown(rows: Rows, names: Iterable[str]) -> pd.Series:
    """Give what rows say in several columns as one text."""
    columns = [rows.read[name].fillna("").tolist() for name in names if name in rows.read]
    whole = [" ".join(filter(None, row)) for row in zip(*columns, strict=True)]
    return pd.Series(whole or "", index=rows.index, dtype="str")


def _meant(found: list[list[str]], asked: Mask, near: list[str]) -> Meant:
    count = np.array([len(each) for each in found], dtype=np.int64)
    listed = [
        "、".join([*each[:SHOWN], *["…"] * (len(each) > SHOWN)]) if len(each) > 1 else ""
        for each in found
    ]
    none = pd.Series([None] * len(found), dtype="str")
    return Meant(
        none,
        asked & (count == 0),
        asked & (count > 1),
        pd.Series(near, dtype="str"),
        pd.Series(listed, dtype="str"),
    )
