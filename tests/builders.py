"""Small worlds that can be sketched: squares side by side, their figures, a few cells.

    grids = territory(square("150625100001001", x=0), square("150625100001002", x=1))
    figures = figures_of(grids, visited_paired={"150625100001001": 40})
    world(session, grids=grids, households=[...], visits=[...])

One unit of `x` and `y` is one square of 0.001 degrees (about 85 m by 111 m) at the seat.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.crs import STORAGE_CRS, to_degrees, to_metric
from geo.db.copy import copy_frame
from geo.db.tables.base import Base
from geo.frames import FIGURES
from geo.territory.model import EditionInfo
from geo.workflows.publish_edition import Moves, write_edition

ORIGIN = (108.73, 39.84)
SIDE_DEG = 0.001
MONTH = date(2026, 10, 1)
FIRST_DAY = date(2024, 1, 1)
FOR_GOOD = "[2024-01-01,)"

Rows = Iterable[Mapping[str, object]] | pd.DataFrame


def square(
    code: str,
    *,
    x: float,
    y: float = 0,
    width: float = 1,
    height: float = 1,
    name: str | None = None,
    name_en: str | None = None,
    origin: tuple[float, float] = ORIGIN,
) -> gpd.GeoDataFrame:
    """One level-two grid, `width` by `height` squares, its corner x squares east, y north."""
    west, south = origin[0] + x * SIDE_DEG, origin[1] + y * SIDE_DEG
    east, north = west + width * SIDE_DEG, south + height * SIDE_DEG
    corners = np.round([west, south, east, north], 7)
    return gpd.GeoDataFrame(
        {
            "code": [code],
            "level": [2],
            "name": [name or f"小区{code[-3:]}"],
            "name_en": [name_en],
            "community_code": [code[:12]],
            "town_code": [code[:9]],
        },
        geometry=[shapely.box(*corners)],
        crs=STORAGE_CRS,
    )


def territory(
    *squares: gpd.GeoDataFrame,
    communities: Mapping[str, str] | None = None,
    towns: Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """Both levels of the squares, sorted by code; a community is the union of its squares."""
    level2 = pd.concat(squares, ignore_index=True)
    union = level2.dissolve("community_code").reset_index()
    names = union["community_code"].map(communities or {}).astype("string")
    level1 = union.assign(
        code=union["community_code"],
        level=1,
        name=names.fillna("社区" + union["community_code"].str[-3:]),
        name_en=None,
    )
    both = pd.concat([level1[level2.columns], level2]).sort_values("code", ignore_index=True)
    named = both["town_code"].map(towns or {}).astype("string")
    both["town"] = named.fillna("镇" + both["town_code"].str[-3:])
    both["community"] = both["community_code"].map(level1.set_index("code")["name"])
    both["area_m2"] = shapely.area(to_metric(both.geometry.to_numpy()))
    return both


def figures_of(
    grids: gpd.GeoDataFrame,
    *,
    month: date = MONTH,
    registered: int | Mapping[str, int] = 100,
    paired: int | Mapping[str, int] = 95,
    visited_paired: int | Mapping[str, int] = 80,
    visited_any: int | Mapping[str, int] = 85,
    unknown: int | Mapping[str, int] = 0,
    hidden: Sequence[str] = (),
) -> pd.DataFrame:
    """Figures of both levels: a number for every level-two grid, or one for each code named.

    Rates are raw, with an interval of two points; what is not said here is nought or missing.
    """
    given = {
        "registered": (registered, 100),
        "paired": (paired, 95),
        "by_paired": (visited_paired, 80),
        "visited_any": (visited_any, 85),
        "unknown": (unknown, 0),
    }
    level2 = grids.loc[grids["level"] == 2, ["code", "name", "name_en"]].reset_index(drop=True)
    for name, (count, default) in given.items():
        if isinstance(count, Mapping):
            level2[name] = level2["code"].map(count).fillna(default).astype(int)
        else:
            level2[name] = count
    level2["households"] = level2["eligible"] = level2["registered"]
    level2["known"] = level2["registered"] - level2["unknown"]
    level2["by_paired"] = level2[["by_paired", "known"]].min(axis=1)
    reached = level2[["visited_any", "known"]].min(axis=1)
    level2["by_other"] = (reached - level2["by_paired"]).clip(lower=0)
    left = level2["known"] - level2["by_paired"] - level2["by_other"]
    unpaired = (level2["registered"] - level2["paired"]).clip(lower=0)
    level2["not_paired"] = np.minimum(unpaired, left)
    level2["not_visited"] = left - level2["not_paired"]
    level2 = level2.drop(columns="visited_any")
    level1 = level2.groupby(level2["code"].str[:12]).sum(numeric_only=True).reset_index()
    level1 = grids.loc[grids["level"] == 1, ["code", "name", "name_en"]].merge(level1, on="code")
    both = pd.concat([level1.assign(level=1), level2.assign(level=2)], ignore_index=True)
    raw = both["by_paired"] / both["known"].where(both["known"] > 0)
    both = both.assign(
        month=month,
        hidden=both["code"].isin(hidden),
        coverage=raw,
        coverage_low=(raw - 0.02).clip(lower=0),
        coverage_high=(raw + 0.02).clip(upper=1),
        coverage_raw=raw,
        pairing=both["paired"] / both["registered"].where(both["registered"] > 0),
    )
    for name, kind in FIGURES.columns.items():
        if name not in both:
            both[name] = 0 if kind == "integer" else np.nan
        if kind == "integer" and name != "level":
            both[name] = both[name].astype("Int64")
    said = ["code", "level", "name", "name_en", "month", "hidden"]
    both.loc[both["hidden"], [name for name in both if name not in said]] = pd.NA
    return both.sort_values(["level", "code"], ignore_index=True)


# Of each kind of row: its table, and what a column holds where a row does not name it.
KINDS: dict[str, tuple[str, dict[str, object]]] = {
    "editions": (
        "edition",
        {"synthetic": True, "attribution": "合成边界", "took_effect_at": "2024-01-01"},
    ),
    "divisions": ("division", {"kind": "town", "aliases": "{}"}),
    "grid_codes": ("grid", {"first_edition": 1}),
    "versions": ("grid_version", {"valid": FOR_GOOD, "editions": "[1,)", "kind": "general"}),
    "compounds": ("compound", {"aliases": "{}"}),
    "buildings": ("building", {}),
    "landmarks": ("landmark", {"aliases": "{}"}),
    "organisations": ("organisation", {"aliases": "{}"}),
    "cadres": ("cadre", {"party_member": True}),
    "households": (
        "household",
        {
            "residents": 0,
            "needs_care": False,
            "registered_from": FIRST_DAY,
            "match": "inside",
            "distance_m": 0.0,
        },
    ),
    "occupancies": ("building_occupancy", {}),
    "statuses": ("household_status", {}),
    "pairings": ("pairing", {"valid": FOR_GOOD}),
    "visits": ("visit", {}),
    "deliveries": ("delivery", {}),
    "totals": ("coverage_total", {}),
    "posts": ("post_term", {"seat": "", "valid": FOR_GOOD}),
    "categories": ("category", {"source": "own", "aliases": "{}"}),
    "incidents": ("incident", {"category": "environment", "state": "filed"}),
}
OF_MANY_PARTS = ("division", "grid_version", "compound", "building")  # stored as multipolygons
# Columns by which a row names another: by its number at the site, as files do.
NAMED = ("compound", "building", "organisation", "cadre", "household")


def world(
    session: Session,
    *,
    grids: gpd.GeoDataFrame | None = None,
    since: date = FIRST_DAY,
    **rows: Rows,
) -> None:
    """Write what is named, kind by kind in the order in which one thing needs another.

        world(
            session,
            grids=territory(square(A, x=0)),
            organisations=[{"external_id": "O1", "name": "林草局"}],
            cadres=[{"external_id": "K1", "name": "干部", "organisation": "O1"}],
            households=[{"external_id": "a1", "grid_code": A, "geom": place(0.5)}],
            visits=[{"household": "a1", "cadre": "K1", "visited_on": "2026-10-09"}],
        )

    `grids` are so from `since` on and of edition 1, which is made unless `editions` says how. A
    row is a mapping from columns, shapes as such; `KINDS` has what may be left out. Nothing is
    committed.
    """
    if grids is not None:
        rows = {"editions": [{"id": 1, "title": "首版网格", "valid_from": since}], **rows}
        ordered = grids.sort_values(["level", "code"], ignore_index=True)
        known = ordered[["code", "name", "name_en", "area_m2"]].assign(valid=f"[{since},)")
        rows["grid_codes"] = ordered[["code"]].to_dict("records")
        rows["versions"] = known.assign(geom=ordered.geometry).to_dict("records")
    assert rows.keys() <= KINDS.keys(), rows.keys() - KINDS.keys()
    for kind in KINDS:
        given = rows.get(kind, ())
        frame = pd.DataFrame(given if isinstance(given, pd.DataFrame) else list(given))
        _write(session, kind, frame)


def _write(session: Session, kind: str, frame: pd.DataFrame) -> None:
    if frame.empty:
        return
    table, unless_named = KINDS[kind]
    for name, value in unless_named.items():
        frame[name] = frame[name].where(frame[name].notna(), value) if name in frame else value
    for name in set(NAMED) & set(frame):
        frame[f"{name}_id"] = _ids(session, name, frame.pop(name))
    frame = frame.convert_dtypes()
    if "geom" in frame:
        many = table in OF_MANY_PARTS
        shapes = [
            shapely.MultiPolygon([each]) if many and isinstance(each, shapely.Polygon) else each
            for each in frame["geom"]
        ]
        frame = gpd.GeoDataFrame(frame.drop(columns="geom"), geometry=shapes, crs=STORAGE_CRS)
        frame = frame.rename_geometry("geom")
    copy_frame(session, table, frame)


def _ids(session: Session, name: str, numbers: pd.Series) -> pd.Series:
    table = Base.metadata.tables[name]
    wanted = numbers.dropna().unique().tolist()
    query = select(table.c.external_id, table.c.id).where(table.c.external_id.in_(wanted))
    found = dict(session.execute(query).all())
    assert found.keys() == set(wanted), f"no {name} {set(wanted) - found.keys()}"
    return numbers.map(found).astype("Int64")


def place(x: float, y: float = 0.5) -> shapely.Point:
    """Make the point that lies `x` squares east and `y` north of the origin."""
    return shapely.Point(ORIGIN[0] + x * SIDE_DEG, ORIGIN[1] + y * SIDE_DEG)


def cells_of(
    visits: list[int],
    *,
    households: int = 20,
    cell_m: float = 100.0,
    origin: tuple[float, float] = ORIGIN,
) -> gpd.GeoDataFrame:
    """A row of square cells from west to east, one for each number of visits."""
    corner = to_metric(shapely.Point(origin))
    west = np.floor(corner.x / cell_m) * cell_m + cell_m * np.arange(len(visits))
    south = np.floor(corner.y / cell_m) * cell_m
    squares = shapely.box(west, south, west + cell_m, south + cell_m)
    cells = gpd.GeoDataFrame(
        {"visits": visits, "households": households},
        geometry=to_degrees(squares),
        crs=STORAGE_CRS,
    )
    cells.attrs["cell_m"] = cell_m
    return cells


def publish(
    session: Session, grids: gpd.GeoDataFrame, *, limit_m: float, **info: Any
) -> tuple[int, Moves]:
    """Write an edition of grids and let what is there lie in them; decide and count nothing."""
    return write_edition(session, grids, info=EditionInfo(**info), limit_m=limit_m)
