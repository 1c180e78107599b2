"""What raw communities and compounds must be before they are divided."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.errors import FrameError, InputError
from geo.frames import COMMUNITIES, check
from geo.territory.divide import CompoundOutsideError
from geo.territory.numbering import nearly_equal

_YEAR = r"(?:(1[5-9]\d\d|2[01]\d\d))(?:\.0)?年?"
_NAMED = 3
# A polygon that differs by less than this share is the grid itself.
SAME_GRID = 0.001


class ElsewhereError(InputError):
    """Boundaries lie wholly outside the county."""

    code = "territory.elsewhere"
    zh = (
        "{count} 个多边形（例如 {names}，位于 {where}）完全在县级界线之外，未载入任何内容。"
        "请核对坐标系和带号（--crs）、坐标基准（--datum），或县级界线。"
    )
    en = (
        "{count} polygons (for example {names}, at {where}) lie wholly outside the county's "
        "outline; nothing was loaded. Check the CRS and its zone (--crs), the datum (--datum), or "
        "the outline."
    )


def check_inputs(communities: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Refuse tables without the columns that a load needs, or with a cell that cannot serve.

    Parameters
    ----------
    communities, compounds : GeoDataFrame
        As `files.rename_columns` gives them, in any CRS.

    Returns
    -------
    GeoDataFrame
        The compounds, their years as four digits, without codes of grids that are none.

    Raises
    ------
    FrameError
        Names the first such column, or row.
    """
    check(communities, replace(COMMUNITIES, geometry=()))
    check(
        compounds,
        replace(COMMUNITIES, name="compounds", columns={"name": "text"}, geometry=(), key=None),
    )
    for kind, frame in (("communities", communities), ("compounds", compounds)):
        _refuse_row(
            kind, frame["name"].isna(), "has no name; give every row one", "没有名称，请补全"
        )
    if "built_year" in compounds.columns:
        year = compounds["built_year"]
        wrong = year.notna() & ~year.astype("string").str.fullmatch(_YEAR).fillna(value=False)
        _refuse_row(
            "compounds",
            wrong,
            "has a built_year that is no year, such as 2005",
            "的建成年份不是年份，应如 2005",
        )
        compounds = compounds.assign(built_year=year.astype("string").str.extract(_YEAR)[0])
    # Codes that stand twice are of something else, such as the kind: no two grids share one.
    if "grid_code" in compounds.columns and compounds["grid_code"].dropna().duplicated().any():
        compounds = compounds.drop(columns="grid_code")
    return compounds


def _refuse_row(kind: str, wrong: pd.Series, problem: str, problem_zh: str) -> None:
    if wrong.any():
        row = int(wrong.to_numpy().argmax()) + 1
        raise FrameError(
            frame=kind, problem=f"row {row} {problem}", problem_zh=f"第 {row} 行{problem_zh}"
        )


def with_ids(compounds: gpd.GeoDataFrame, known: pd.DataFrame) -> gpd.GeoDataFrame:
    """Give compounds of a file without numbers those that they have already, else their names.

    A compound is a known one where the file names the code of its grid, or where its footprint is
    nearly the same.

    Parameters
    ----------
    compounds : GeoDataFrame
        In EPSG:4490, without overlaps.
    known : DataFrame
        `external_id`, `grid_code`, `geometry` of those stored.

    Returns
    -------
    GeoDataFrame
        With `external_id`.

    Raises
    ------
    FrameError
        If a name would have to serve for two.
    """
    if "external_id" in compounds.columns:
        return compounds
    ids = pd.Series(None, index=compounds.index, dtype=object)
    if len(known):
        these, those = nearly_equal(
            compounds.geometry.to_numpy(), known["geometry"].to_numpy(dtype=object)
        )
        ids.iloc[these] = known["external_id"].to_numpy()[those]
    if "grid_code" in compounds.columns:
        of_grid = known.drop_duplicates("grid_code").set_index("grid_code")["external_id"]
        ids = compounds["grid_code"].map(of_grid).astype(object).fillna(ids)
    ids = ids.mask(ids.duplicated()).fillna(compounds["name"].astype(object))
    twice = ids[ids.duplicated()]
    if len(twice):
        raise FrameError(
            frame="compounds",
            problem=f"there is no number (external_id) and the name {twice.iloc[0]} is used twice; "
            "add a column with a number, or name it with --column external_id=…",
            problem_zh=f"没有小区编号列，而名称“{twice.iloc[0]}”重复；"
            "请添加编号列，或用 --column external_id=… 指明",
        )
    return compounds.assign(external_id=ids.astype("string"))


def with_footprints(
    compounds: gpd.GeoDataFrame, known: pd.DataFrame, used: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Leave the stored footprint to a compound that came as its whole grid, as exported.

    Parameters
    ----------
    compounds : GeoDataFrame
        With `external_id`, in EPSG:4490.
    known, used : DataFrame
        See `repository.compounds` and `repository.codes_used`.

    Returns
    -------
    GeoDataFrame
        Same rows.
    """
    stored = known.drop_duplicates("external_id").set_index("external_id")
    grid = used.drop_duplicates("code").set_index("code")["geometry"]
    footprint = compounds["external_id"].map(stored["geometry"]).to_numpy(dtype=object)
    whole = compounds["external_id"].map(stored["grid_code"]).map(grid).to_numpy(dtype=object)
    there = ~(pd.isna(footprint) | pd.isna(whole))
    given = compounds.geometry.to_numpy().copy()
    off = shapely.area(shapely.symmetric_difference(given[there], whole[there]))
    same = np.flatnonzero(there)[off < SAME_GRID * shapely.area(whole[there])]
    given[same] = footprint[same]
    return compounds.set_geometry(gpd.GeoSeries(given, compounds.index, crs=compounds.crs))


def refuse_elsewhere(
    communities: gpd.GeoDataFrame,
    compounds: gpd.GeoDataFrame,
    county: gpd.GeoSeries,
) -> None:
    """Refuse polygons wholly outside the county, all in EPSG:4490; nothing where it is not known.

    Raises
    ------
    ElsewhereError
    """
    if not len(county):
        return
    whole = shapely.union_all(shapely.make_valid(county.to_numpy()))
    shapely.prepare(whole)
    for frame in (communities, compounds):
        away = ~shapely.intersects(whole, frame.geometry.to_numpy())
        if away.any():
            place = shapely.point_on_surface(frame.geometry.to_numpy()[away][0])
            raise ElsewhereError(
                count=int(away.sum()),
                names=", ".join(frame["name"][away].iloc[:_NAMED].astype(str)),
                where=f"{place.x:.4f}, {place.y:.4f}",
            )


def refuse_outside(
    communities: gpd.GeoDataFrame,
    compounds: gpd.GeoDataFrame,
    owner: npt.NDArray[np.int64],
    inside: npt.NDArray[np.object_],
) -> None:
    """Refuse a compound of which nothing lies inside the community that it names.

    Raises
    ------
    CompoundOutsideError
    """
    lost = np.flatnonzero(shapely.is_empty(inside))
    if lost.size:
        code = communities["code"].iloc[owner[lost[0]]]
        raise CompoundOutsideError(name=compounds["name"].iloc[lost[0]], named=f" ({code})")
