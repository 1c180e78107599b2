"""Every place that an address can mean, in memory: looked up by name, then by number."""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.codes import community_of, town_of
from geo.errors import FrameError
from geo.geocoding.engine.names import forms, sectioned
from geo.geocoding.engine.normalise import fold
from geo.geocoding.engine.numbers import building_key, room_key, unit_key
from geo.geocoding.engine.places import Area, Building, Compound, Place

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "towns": ("code", "name", "aliases"),
    "communities": ("code", "name", "aliases"),
    "compounds": (
        "external_id",
        "name",
        "aliases",
        "kind",
        "grid_code",
        "longitude",
        "latitude",
    ),
    "buildings": (
        "external_id",
        "compound_id",
        "name",
        "kind",
        "units",
        "floors",
        "rooms_per_floor",
        "longitude",
        "latitude",
    ),
    "households": (
        "external_id",
        "building_id",
        "unit",
        "room",
        "grid_code",
        "longitude",
        "latitude",
    ),
    "landmarks": (
        "external_id",
        "name",
        "aliases",
        "kind",
        "address",
        "grid_code",
        "longitude",
        "latitude",
    ),
    "organisations": ("external_id", "name", "aliases", "grid_code", "longitude", "latitude"),
    "aliases": ("target_kind", "target_id", "alias", "kind", "source"),
}

Floats = npt.NDArray[np.float64]


class Gazetteer:
    """All places of one edition. Immutable: a changed gazetteer is another one.

    Parameters
    ----------
    towns, communities, compounds, buildings, households, landmarks, organisations, aliases
        DataFrames with the columns in `COLUMNS`; any index, any order. Several aliases in one cell
        stand with "|" between them. Coordinates are EPSG:4490. `households` are those registered
        now; where several share a door, the first is the one that is found. `aliases` adds names
        to compounds, communities, landmarks and organisations (`target_kind`) by their code.

    Raises
    ------
    FrameError
        If a column is missing, or a building names a compound, or a household a building, that is
        not there.
    """

    def __init__(
        self,
        towns: pd.DataFrame,
        communities: pd.DataFrame,
        compounds: pd.DataFrame,
        buildings: pd.DataFrame,
        households: pd.DataFrame,
        landmarks: pd.DataFrame,
        organisations: pd.DataFrame,
        aliases: pd.DataFrame,
    ) -> None:
        given = locals()
        for name, columns in COLUMNS.items():
            _check(name, given[name], columns)
        more = _more_names(aliases)
        self.towns = _areas(towns, more.get("town", {}))
        self.communities = _areas(communities, more.get("community", {}))
        self.landmarks = _places(landmarks, more.get("landmark", {}))
        self.organisations = _places(organisations, more.get("organisation", {}))
        self.household_codes = households["external_id"].astype(object).to_numpy()
        self.household_units = _strings(households["unit"])
        self.household_rooms = _strings(households["room"])
        self.household_grids = _codes(households["grid_code"])
        self.household_points = _points(households)
        self.building_points = _points(buildings)
        self.compound_points = _points(compounds)
        owner = _positions("buildings", "compound_id", buildings, compounds)
        home = _positions("households", "building_id", households, buildings)
        self.household_buildings = home
        self.compounds = _compounds(
            compounds, more.get("compound", {}), owner, home, buildings["name"]
        )
        self.buildings = _buildings(buildings, owner, self._building_grids(owner))
        for building in self.buildings:
            compound = self.compounds[building.compound]
            compound.members.append(building.index)
            if building.literal:
                compound.literal.append((building.number, building.index))
                continue
            compound.buildings.setdefault(building.number, []).append(building.index)
            if building.section:
                key = f"{building.section}.{building.number}"
                compound.buildings.setdefault(key, []).append(building.index)
        self._open_doors(home)
        self.compound_position = {c.code: c.index for c in self.compounds}
        self.community_names = {area.code: area.name for area in self.communities}
        self.town_names = {area.code: area.name for area in self.towns}

    def _building_grids(self, owner: npt.NDArray[np.intp]) -> list[str | None]:
        """Give each building the grid of most of its households, else that of its compound."""
        own = pd.DataFrame({"building": self.household_buildings, "grid": self.household_grids})
        # Most households first, then the code that sorts first: mode() sorts ties.
        counted = own.dropna().value_counts(sort=False).rename("n").reset_index()
        counted = counted.sort_values(["building", "n", "grid"], ascending=[True, False, True])
        most = counted.drop_duplicates("building").set_index("building")["grid"]
        fallback = [self.compounds[c].grid_code for c in owner]
        return [most.get(k, fallback[k]) for k in range(len(owner))]

    def _open_doors(self, home: npt.NDArray[np.intp]) -> None:
        """Enter every household under its door; keys are worked out once for each spelling."""
        for building, unit, room, k in zip(
            home.tolist(),
            map(unit_key, map(fold, self.household_units)),
            map(room_key, map(fold, self.household_rooms)),
            range(len(home)),
            strict=True,
        ):
            owner = self.buildings[building]
            owner.doors.setdefault((unit, room), []).append(k)
            owner.rooms.setdefault(room, []).append((unit, k))
            if unit:
                owner.unit_names[unit] = self.household_units[k]

    def __len__(self) -> int:
        return len(self.household_codes)


def _check(name: str, frame: pd.DataFrame, columns: Iterable[str]) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        listed = ", ".join(missing)
        raise FrameError(
            frame=name,
            problem=f"column {listed} is missing; add it, empty where nothing is known.",
            problem_zh=f"缺少列 {listed}。请补上，未知处留空。",
        )


def _positions(
    name: str, column: str, frame: pd.DataFrame, owners: pd.DataFrame
) -> npt.NDArray[np.intp]:
    at: npt.NDArray[np.intp] = pd.Index(owners["external_id"]).get_indexer(frame[column])
    if (at < 0).any():
        stray = frame[column].to_numpy()[at < 0][0]
        raise FrameError(
            frame=name,
            problem=f"{column} {stray!r} names nothing in the gazetteer; load that first.",
            problem_zh=f"{column}“{stray}”在地名库中不存在，请先导入。",
        )
    return at


def _strings(values: pd.Series) -> list[str]:
    missing = values.isna().to_numpy()
    texts = values.astype(object).where(~missing, "").astype(str)
    # Numbers that a spreadsheet turned into floats.
    trimmed: list[str] = texts.str.removesuffix(".0").tolist()
    return trimmed


def _codes(values: pd.Series) -> list[str | None]:
    return [code or None for code in _strings(values)]


def _points(frame: pd.DataFrame) -> Floats:
    return frame[["longitude", "latitude"]].to_numpy(dtype=np.float64)


def _names(aliases: str, more: Iterable[str]) -> tuple[str, ...]:
    listed = [*(aliases.split("|") if aliases else ()), *more]
    return tuple(dict.fromkeys(fold(name).replace(" ", "") for name in listed if name.strip()))


def _more_names(aliases: pd.DataFrame) -> dict[str, dict[str, list[str]]]:
    more: dict[str, dict[str, list[str]]] = {}
    rows = zip(*(_strings(aliases[c]) for c in ("target_kind", "target_id", "alias")), strict=True)
    for kind, target, alias in rows:
        more.setdefault(kind, {}).setdefault(target, []).append(alias)
    return more


def _areas(frame: pd.DataFrame, more: Mapping[str, list[str]]) -> tuple[Area, ...]:
    rows = zip(*(_strings(frame[c]) for c in COLUMNS["towns"]), strict=True)
    return tuple(
        Area(code, name, tuple(dict.fromkeys((fold(name), *_names(alias, more.get(code, ()))))))
        for code, name, alias in rows
    )


def _places(frame: pd.DataFrame, more: Mapping[str, list[str]]) -> tuple[Place, ...]:
    columns = ["external_id", "name", "aliases", "grid_code"]
    kinds = _strings(frame["kind"]) if "kind" in frame else ["organisation"] * len(frame)
    addresses = _strings(frame["address"]) if "address" in frame else [""] * len(frame)
    rows = zip(
        *(_strings(frame[c]) for c in columns),
        kinds,
        addresses,
        _points(frame).tolist(),
        strict=True,
    )
    return tuple(
        Place(
            code=code,
            name=name,
            kind=kind,
            address=address,
            names=tuple(dict.fromkeys((fold(name), *_names(alias, more.get(code, ()))))),
            grid_code=grid or None,
            longitude=longitude,
            latitude=latitude,
        )
        for code, name, alias, grid, kind, address, (longitude, latitude) in rows
    )


def _compounds(
    frame: pd.DataFrame,
    more: Mapping[str, list[str]],
    owner: npt.NDArray[np.intp],
    home: npt.NDArray[np.intp],
    building_names: pd.Series,
) -> tuple[Compound, ...]:
    households = (
        np.bincount(owner[home], minlength=len(frame)) if len(home) else np.zeros(len(frame))
    )
    prior = np.log((households + 1) / (households + 1).mean()) if len(frame) else households
    is_row = np.array([building_key(fold(n)).row for n in _strings(building_names)], dtype=bool)
    rows = np.bincount(owner[is_row], minlength=len(frame))
    all_buildings = np.bincount(owner, minlength=len(frame))
    columns = zip(
        *(_strings(frame[c]) for c in ("external_id", "name", "kind", "grid_code", "aliases")),
        strict=True,
    )
    return tuple(
        Compound(
            index=k,
            code=code,
            name=name,
            kind=kind,
            forms=tuple(forms(fold(name).replace(" ", ""), _names(alias, more.get(code, ())))),
            grid_code=grid or None,
            community=community_of(grid),
            town=town_of(grid),
            section=section.value if (section := sectioned(fold(name).replace(" ", ""))) else "",
            rows_only=bool(rows[k] and rows[k] == all_buildings[k]),
            has_rows=bool(rows[k]),
            prior=float(prior[k]),
        )
        for k, (code, name, kind, grid, alias) in enumerate(columns)
    )


def _buildings(
    frame: pd.DataFrame, owner: npt.NDArray[np.intp], grids: list[str | None]
) -> tuple[Building, ...]:
    sizes = [
        pd.to_numeric(frame[c], errors="coerce").fillna(0).astype(int).tolist()
        for c in ("units", "floors", "rooms_per_floor")
    ]
    rows = zip(_strings(frame["name"]), owner.tolist(), grids, *sizes, strict=True)
    return tuple(
        Building(
            index=k,
            compound=compound,
            name=name,
            number=key.number,
            section=key.section,
            row=key.row,
            literal=key.literal,
            units=units,
            floors=floors,
            rooms_per_floor=rooms,
            grid_code=grid,
        )
        for k, (name, compound, grid, units, floors, rooms) in enumerate(rows)
        for key in [building_key(fold(name).replace(" ", ""))]
    )
