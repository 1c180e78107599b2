"""Boundary files -> the next edition: check, mend if asked to, divide, number, publish."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.crs import STORAGE_CRS, to_storage
from geo.errors import FrameError, InputError
from geo.frames import COMMUNITIES, COMPOUNDS, check
from geo.territory import repository
from geo.territory.check import faults
from geo.territory.codes import numbered
from geo.territory.divide import community_of, divide
from geo.territory.mend import mend
from geo.territory.publish import publish

Say = Callable[[str, str], None]


def silent(_zh: str, _en: str) -> None:
    """Say nothing."""


class FaultyBoundariesError(InputError):
    """Boundaries have faults and mending was not asked for."""

    code = "territory.faulty"
    zh = (
        "{what}有 {count} 处问题（{listed}），未载入任何内容。"
        "请用 bannergrid territory check 查看位置，在源文件中改正，或加 --mend 自动修补。"
    )
    en = (
        "{what} have {count} faults ({listed}); nothing was loaded. See where with "
        "bannergrid territory check; correct the source, or add --mend."
    )

    def __init__(self, *, what: str, found: gpd.GeoDataFrame) -> None:
        self.found = found
        listed = ", ".join(f"{n} {kind}" for kind, n in found["kind"].value_counts().items())
        super().__init__(what=what, count=len(found), listed=listed)


@dataclass(frozen=True)
class Called:
    """What an edition is called and who drew it."""

    title: str
    valid_from: date
    synthetic: bool
    attribution: str


@dataclass(frozen=True)
class Loaded:
    """What a load did."""

    edition: int
    counts: dict[str, int]
    moved: pd.DataFrame
    grids: gpd.GeoDataFrame


def load(
    session: Session,
    communities: gpd.GeoDataFrame,
    compounds: gpd.GeoDataFrame,
    *,
    called: Called,
    divisions: pd.DataFrame | None = None,
    mend_gaps_m: float | None = None,
    limit_m: float,
    say: Say = silent,
) -> Loaded:
    """Publish communities and compound footprints as the next edition.

    Parameters
    ----------
    session : Session
        Nothing is committed here.
    communities, compounds : GeoDataFrame
        As `files.read_polygons` and `files.renamed` give them, in any CRS.
    called : Called
        Title, first day, attribution of the edition.
    divisions : DataFrame, optional
        Banner and towns: `code`, `kind`, `name`; `name_en`, `aliases`, `geometry` where known.
    mend_gaps_m : float, optional
        Mend faults, and fill gaps up to this width; without it faults are refused.
    limit_m : float
        See `publish.publish`.
    say : callable, optional
        Told each step in Chinese and English.

    Returns
    -------
    Loaded

    Raises
    ------
    FrameError, CrsError
        If a table is not as promised.
    FaultyBoundariesError
        If there are faults and `mend_gaps_m` is not given, or gaps wider than it remain.
    CompoundOutsideError, CodeError, NotACoverageError, HouseholdsLostError
        See where they are raised; nothing has been written then.
    """
    compounds = _with_ids(compounds)
    say("检查边界", "Checking the boundaries")
    moved = []
    if mend_gaps_m is not None:
        say("修补边界", "Mending the boundaries")
        communities, moved_communities = mend(communities, gap_width_m=mend_gaps_m)
        compounds, moved_compounds = mend(compounds, gap_width_m=0)
        moved = [
            frame.assign(what=what)
            for what, frame in (("community", moved_communities), ("compound", moved_compounds))
        ]
    _refuse_faults("社区 / communities", faults(communities))
    _refuse_faults("小区 / compounds", faults(compounds, gaps=False))
    communities = to_storage(communities, datum=communities.attrs.get("datum"))
    compounds = to_storage(compounds, datum=compounds.attrs.get("datum"))
    check(communities, COMMUNITIES)
    check(compounds, COMPOUNDS)
    compounds = _inside_their_communities(communities, compounds, clip=mend_gaps_m is not None)
    say("划分二级网格", "Dividing the communities among their compounds")
    grids = divide(communities, compounds)
    # From here on alone: two that number at once would give one code to two territories.
    repository.take_edition(session)
    grids["code"] = numbered(grids, repository.codes_used(session))
    both = _both_levels(grids, communities, compounds)
    say("写入数据库", "Writing the edition")
    if divisions is not None:
        repository.put_divisions(session, divisions)
    number, counts = publish(
        session,
        both,
        title=called.title,
        valid_from=called.valid_from,
        synthetic=called.synthetic,
        attribution=called.attribution,
        limit_m=limit_m,
    )
    by_id = grids.dropna(subset="external_id").set_index("external_id")["code"]
    repository.put_community_aliases(session, communities, valid_from=called.valid_from)
    repository.put_compounds(
        session, compounds.assign(grid_code=compounds["external_id"].map(by_id))
    )
    return Loaded(number, counts, pd.concat(moved) if moved else pd.DataFrame(), both)


def _with_ids(compounds: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if "external_id" in compounds.columns or "name" not in compounds.columns:
        return compounds
    twice = compounds["name"][compounds["name"].duplicated()]
    if len(twice):
        raise FrameError(
            frame="compounds",
            problem=f"there is no number (external_id) and the name {twice.iloc[0]} is used twice; "
            "add a column with a number, or name it with --column external_id=…",
            problem_zh=f"没有小区编号列，而名称“{twice.iloc[0]}”重复；"
            "请添加编号列，或用 --column external_id=… 指明",
        )
    return compounds.assign(external_id=compounds["name"])


def _refuse_faults(what: str, found: gpd.GeoDataFrame) -> None:
    if len(found):
        raise FaultyBoundariesError(what=what, found=found)


def _inside_their_communities(
    communities: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame, *, clip: bool
) -> gpd.GeoDataFrame:
    """Refuse footprints that reach out of their community, or cut off what does."""
    owner = community_of(communities, compounds)
    outlines = communities.geometry.to_numpy()[owner]
    footprints = compounds.geometry.to_numpy()
    if clip:
        # One bent by a hair over the border is cut at it; what the cut leaves must be an area.
        cut = shapely.intersection(footprints, outlines)
        cut = shapely.make_valid(cut, method="structure", keep_collapsed=False)
        return compounds.set_geometry(gpd.GeoSeries(list(cut), compounds.index, crs=STORAGE_CRS))
    found = [
        faults(compounds[owner == row], gaps=False, within=communities.iloc[[row]])
        for row in np.unique(owner)
    ]
    everything = gpd.GeoDataFrame(pd.concat(found, ignore_index=True), crs=STORAGE_CRS)
    _refuse_faults("小区 / compounds", everything)
    return compounds


def _both_levels(
    grids: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Level two as divided, level one as the union of its children: they cannot disagree."""
    english = _column(compounds, "name_en").set_axis(compounds["external_id"])
    level_two = grids.assign(level=2, name_en=grids["external_id"].map(english))
    names = communities.set_index("code")["name"]
    names_en = _column(communities, "name_en").set_axis(communities["code"])
    merged = {
        code: shapely.normalize(shapely.coverage_union_all(rows.geometry.to_numpy()))
        for code, rows in grids.groupby("community_code")
    }
    codes = pd.Series(list(merged))
    level_one = gpd.GeoDataFrame(
        {
            "code": codes,
            "community_code": codes,
            "level": 1,
            "name": codes.map(names),
            "name_en": codes.map(names_en),
        },
        geometry=gpd.GeoSeries(list(merged.values()), crs=STORAGE_CRS),
    )
    columns = ["code", "level", "name", "name_en", "community_code", "geometry"]
    both = pd.concat([level_one[columns], level_two[columns]], ignore_index=True)
    made = gpd.GeoDataFrame(both, crs=STORAGE_CRS)
    return made.assign(town_code=made["code"].str.slice(0, 9)).sort_values(
        "code", ignore_index=True
    )


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name in frame.columns:
        return frame[name]
    return pd.Series(None, index=frame.index, dtype=object)
