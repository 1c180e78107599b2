"""What each table promises, and the check at the door.

A `Frame` names the columns that a function may rely on, with their kind, and for tables with a
geometry the geometry types; the CRS is always EPSG:4490. `check` raises before any work is done.
"""

from dataclasses import dataclass, field
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import measures
from geo.crs import STORAGE_CRS
from geo.errors import CrsError, FrameError

Kind = Literal["text", "integer", "number", "flag", "date", "time"]


@dataclass(frozen=True)
class Frame:
    """The promise of one table.

    Parameters
    ----------
    name : str
        How messages call it.
    columns : dict
        Column name to kind.
    geometry : tuple of str
        Geometry types that may stand in the column `geometry`; empty for a plain table.
    key : str
        Column that must be unique and present in every row.
    """

    name: str
    columns: dict[str, Kind]
    geometry: tuple[str, ...] = ()
    key: str | None = None
    optional: dict[str, Kind] = field(default_factory=dict)


POLYGONS = ("Polygon", "MultiPolygon")

COMMUNITIES = Frame(
    "communities",
    {"code": "text", "name": "text"},
    POLYGONS,
    key="code",
    optional={"name_en": "text", "aliases": "text"},
)
COMPOUNDS = Frame(
    "compounds",
    {"external_id": "text", "name": "text"},
    POLYGONS,
    key="external_id",
    # `aliases` separates names with "|"; `community_code` overrules the community found by place.
    optional={
        "name_en": "text",
        "community_code": "text",
        "aliases": "text",
        "kind": "text",
        "built_year": "integer",
    },
)
DIVISIONS = Frame(
    "divisions",
    {"code": "text", "kind": "text", "name": "text"},
    key="code",
    optional={"name_en": "text", "aliases": "text"},
)
GRIDS = Frame(
    "grids",
    {
        "code": "text",
        "level": "integer",
        "name": "text",
        "community_code": "text",
        "town_code": "text",
    },
    POLYGONS,
    key="code",
    optional={
        "name_en": "text",
        "town": "text",
        "town_en": "text",
        "community": "text",
        "area_m2": "number",
    },
)
# What is published of a grid's month but for the measures that places are coloured by, see
# geo/coverage/README.md. Months are the first day of the month. Counts are of households, from
# `reported` on of incidents; where nothing is known, or the place is `hidden`, they are missing.
_COUNTED: dict[str, Kind] = {
    "code": "text",
    "level": "integer",
    "name": "text",
    "month": "date",
    "hidden": "flag",
    "registered": "integer",
    "households": "integer",
    "eligible": "integer",
    "known": "integer",
    "unknown": "integer",
    "by_paired": "integer",
    "by_other": "integer",
    "not_visited": "integer",
    "not_paired": "integer",
    "empty": "integer",
    "moved": "integer",
    "declined": "integer",
    "coverage_raw": "number",
    "rate_registered": "number",
    "dwellings": "integer",
    "rate_dwellings": "number",
    "residents": "integer",
    "rate_residents": "number",
    "occupied": "integer",
    "holes": "integer",
    "counted": "integer",
    "rate_occupied": "number",
    "paired": "integer",
    "remaining": "integer",
    "paired_known": "integer",
    "days_since": "number",
    "overdue": "integer",
    "care": "integer",
    "care_overdue": "integer",
    "reported": "integer",
    "open": "integer",
    "closed": "integer",
    "in_grid": "integer",
    "in_community": "integer",
    "above": "integer",
    "median_hours": "number",
}


def _with_measures(columns: dict[str, Kind]) -> dict[str, Kind]:
    """Put the columns of every measure of `measures.toml` where its row says."""
    names = list(columns)
    for measure in measures.MEASURES.values():
        at = names.index(measure.after) + 1 if measure.after else len(names)
        names[at:at] = measure.columns
    return {name: columns.get(name, "number") for name in names}


# `coverage` is drawn toward the community's, `_raw` is not.
FIGURES = Frame(
    "figures", _with_measures(_COUNTED), optional={"name_en": "text", "withheld": "text"}
)
# All measures of coverage by grid and month, see geo/coverage/README.md. The first eight counts are
# the states of `households` and add up to it; rates are NaN where there is nothing to divide by.
MEASURES = Frame(
    "measures",
    {
        "code": "text",
        "level": "integer",
        "month": "date",
        "by_paired": "integer",
        "by_other": "integer",
        "not_visited": "integer",
        "not_paired": "integer",
        "unknown": "integer",
        "empty": "integer",
        "moved": "integer",
        "declined": "integer",
        "households": "integer",
        "registered": "integer",
        "paired": "integer",
        "eligible": "integer",
        "known": "integer",
        "residents": "integer",
        "dwellings": "integer",
        "counted": "integer",
        "occupied": "integer",
        "holes": "integer",
        "rate": "number",
        "rate_shrunk": "number",
        "rate_low": "number",
        "rate_high": "number",
        "rate_registered": "number",
        "rate_dwellings": "number",
        "rate_residents": "number",
        "rate_occupied": "number",
        "pairing": "number",
        "workload": "number",
        "remaining": "integer",
    },
)
# How long ago the last visit was, by grid and month; households paired, eligible and known.
# `days_since` and `overdue_days` are means: times `households` they add up over grids.
RECENCY = Frame(
    "recency",
    {
        "code": "text",
        "level": "integer",
        "month": "date",
        "households": "integer",
        "days_since": "number",
        "overdue": "integer",
        "overdue_days": "number",
        "care": "integer",
        "care_overdue": "integer",
    },
)
# Incidents reported in a month by grid; shares are of those closed at a known level.
SOLVED = Frame(
    "solved",
    {
        "code": "text",
        "level": "integer",
        "month": "date",
        "reported": "integer",
        "closed": "integer",
        "in_grid": "integer",
        "in_community": "integer",
        "above": "integer",
        "share_in_grid": "number",
        "median_hours": "number",
    },
    optional={"category": "text", "per_100_households": "number"},
)
# Where neighbours together differ from the banner: `spot` is hot, cold or none.
SPOTS = Frame(
    "spots",
    {"code": "text", "z": "number", "p": "number", "q": "number", "spot": "text"},
    key="code",
)
# One grid of today through the months; `redraw` where an edition moved its households.
SERIES = Frame(
    "series",
    {
        "code": "text",
        "month": "date",
        "registered": "number",
        "visited_paired": "number",
        "rate": "number",
        "interpolated": "number",
        "redraw": "flag",
    },
)
# Square cells of `cell_m` metres in the measuring CRS; centre given in EPSG:4490.
CELLS = Frame(
    "cells",
    {"visits": "integer", "households": "integer"},
    ("Polygon",),
)


def is_withheld(figures: pd.DataFrame, name: str) -> npt.NDArray[np.bool_]:
    """Say in which rows a column is not told, of hidden places and beside them.

    Parameters
    ----------
    figures : DataFrame, shape (n, k)
        As `FIGURES`.
    name : str

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    # Of months that are known as totals only neither is said.
    gone: npt.NDArray[np.bool_] = (figures["hidden"] == True).to_numpy()  # noqa: E712
    if "withheld" not in figures:
        return gone
    patterns, texts = pd.factorize(figures["withheld"])
    holds = np.array([name in text.split(" ") for text in texts] + [False], dtype=bool)
    away: npt.NDArray[np.bool_] = gone | holds[patterns]
    return away


def check(frame: pd.DataFrame, promise: Frame) -> None:
    """Hold a table against its promise.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame, any index
    promise : Frame

    Raises
    ------
    CrsError
        If the promise has a geometry and the frame is not in EPSG:4490.
    FrameError
        If a column, the geometry or the key is not as promised; names the first such.
    """
    missing = [name for name in promise.columns if name not in frame.columns]
    if missing:
        listed = ", ".join(missing)
        raise FrameError(
            frame=promise.name,
            problem=f"column {listed} is missing; there are: {', '.join(map(str, frame.columns))}",
            problem_zh=f"缺少列 {listed}；现有列：{'、'.join(map(str, frame.columns))}",
        )
    if promise.key is not None:
        _check_key(frame, promise.name, promise.key)
    if promise.geometry:
        _check_geometry(frame, promise)


def _check_key(frame: pd.DataFrame, name: str, key: str) -> None:
    empty = frame[key].isna()
    if empty.any():
        row = int(empty.to_numpy().argmax()) + 1
        raise FrameError(
            frame=name,
            problem=f"row {row} has no {key}; give every row one",
            problem_zh=f"第 {row} 行缺少 {key}，请补全",
        )
    twice = frame[key].duplicated()
    if twice.any():
        value = frame.loc[twice, key].iloc[0]
        raise FrameError(
            frame=name,
            problem=f"{key} {value} stands in more than one row; keep one",
            problem_zh=f"{key} {value} 出现多次，请只保留一行",
        )


def _check_geometry(frame: pd.DataFrame, promise: Frame) -> None:
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        raise FrameError(
            frame=promise.name, problem="it has no geometry", problem_zh="没有图形（几何）"
        )
    if frame.crs is None or frame.crs.to_string() != STORAGE_CRS:
        got = "unstated" if frame.crs is None else frame.crs.to_string()
        raise CrsError(got=got, wanted=STORAGE_CRS)
    geometry = frame.geometry
    names = geometry.geom_type
    wrong = ~names.isin(promise.geometry) | shapely.is_empty(geometry.to_numpy())
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        got = names.iloc[row] or "nothing"
        wanted = " / ".join(promise.geometry)
        raise FrameError(
            frame=promise.name,
            problem=f"row {row + 1} has {got} where {wanted} is needed",
            problem_zh=f"第 {row + 1} 行的图形是 {got}，应为 {wanted}",
        )
