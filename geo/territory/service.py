"""Boundary files -> the grids of the next edition: check, mend if asked to, divide, number."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.codes import TOWN_DIGITS
from geo.crs import STORAGE_CRS, to_storage
from geo.frames import COMMUNITIES, COMPOUNDS, check
from geo.territory import inputs, registers, repository, retirement
from geo.territory.check import NOISE_M2, faults, is_hair, is_noise
from geo.territory.divide import community_of, divide
from geo.territory.faulty import (
    FaultyBoundariesError,
    cut_sentence,
    is_hole,
    left_sentence,
    mended_sentence,
)
from geo.territory.mend import mend
from geo.territory.numbering import number_grids

Say = Callable[[str, str], None]
# No gap of so little ground is wider: this is the circle's diameter.
NOISE_GAP_M = 2 * (NOISE_M2 / np.pi) ** 0.5


def silent(_zh: str, _en: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Boundaries:
    """Boundaries as files hold them, and what may be done to them.

    Parameters
    ----------
    communities, compounds : GeoDataFrame
        As `files.read_polygons` and `files.rename_columns` give them, in any CRS.
    divisions : GeoDataFrame, optional
        Banner and towns: `code`, `kind`, `name`; `name_en`, `aliases`, `geometry` where known.
    outline : GeoDataFrame, optional
        The county, in any CRS; the stored one where not given.
    mend_gaps_m : float, optional
        Mend faults, and fill gaps up to this width; without it faults are refused.
    leave_holes : bool
        Leave the ground of no community, such as lakes: holes within one community, and gaps
        between several that are wider than mending fills.
    retire : bool
        Whether all codes of a community, or most of the territory's, may be retired.
    """

    communities: gpd.GeoDataFrame
    compounds: gpd.GeoDataFrame
    divisions: gpd.GeoDataFrame | None = None
    outline: gpd.GeoDataFrame | None = None
    mend_gaps_m: float | None = None
    leave_holes: bool = False
    retire: bool = False


@dataclass(frozen=True)
class Divided:
    """Boundaries made into the grids of both levels.

    Parameters
    ----------
    grids : GeoDataFrame
        As `geo.frames.GRIDS`.
    communities, compounds : GeoDataFrame
        In EPSG:4490; of the compounds `grid_code`, and the footprints that are known.
    moved : DataFrame
        What mending moved, see `mend.mend`; empty where nothing was mended.
    retired : CodesRetiredError, optional
        What is lost of codes and was allowed to be.
    """

    grids: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    compounds: gpd.GeoDataFrame
    moved: pd.DataFrame
    retired: retirement.CodesRetiredError | None


def divide_into_grids(
    session: Session, given: Boundaries, *, on: date | None = None, say: Say = silent
) -> Divided:
    """Check boundaries, mend them if asked to, and divide and number their grids.

    Nothing is written. From here to the end of the transaction nobody else publishes.

    Parameters
    ----------
    session : Session
    given : Boundaries
    on : date, optional
        From when the grids are to hold: codes are kept from that day's; from today's where not
        named.
    say : callable, optional
        Called at each step, with a sentence in Chinese and one in English.

    Returns
    -------
    Divided

    Raises
    ------
    FrameError, CrsError
        If a table is not as promised.
    FaultyBoundariesError
        If there are faults and `mend_gaps_m` is not given, or gaps wider than it remain; faults
        that are floating-point noise (`check.is_noise`) are cleaned and pass.
    ElsewhereError
        If a polygon lies wholly outside the county.
    CodesRetiredError
        If all codes of a community, or most of all, would be retired and `retire` is not given.
    CompoundOutsideError, CompoundLostError, CodeError
        See where they are raised.
    """
    communities, gap_width_m = given.communities, given.mend_gaps_m
    compounds = inputs.check_inputs(communities, given.compounds)
    say("检查边界", "Checking the boundaries")
    communities, moved_land = _made_sound("communities", communities, given, say)
    compounds, moved_places = _made_sound("compounds", compounds, given, say)
    moved = pd.concat([moved_land, moved_places])
    communities = to_storage(communities, datum=communities.attrs.get("datum"))
    compounds = to_storage(compounds, datum=compounds.attrs.get("datum"))
    known = repository.compounds(session)
    compounds = inputs.with_ids(compounds, known)
    check(communities, COMMUNITIES)
    check(compounds, COMPOUNDS)
    county = _county(session, given.outline, given.divisions)
    inputs.refuse_elsewhere(communities, compounds, county)
    clip = gap_width_m is not None
    compounds = _inside_their_communities(communities, compounds, clip=clip, say=say)
    say("划分二级网格", "Dividing the communities among their compounds")
    grids = divide(communities, compounds)
    # From here on alone: two that number at once would give one code to two territories.
    repository.take_edition(session)
    used = repository.codes_used(session, on)
    grids["code"], retired = _coded(grids, compounds, used, retire=given.retire)
    both = _both_levels(grids, communities, compounds)
    by_id = grids.dropna(subset="external_id").set_index("external_id")["code"]
    compounds = inputs.with_footprints(compounds, known, used)
    compounds = compounds.assign(grid_code=compounds["external_id"].map(by_id))
    return Divided(both, communities, compounds, moved, retired)


def store_compounds(session: Session, divided: Divided, *, valid_from: date) -> None:
    """Write the compounds whose grids were published, and the other names of communities."""
    registers.put_community_aliases(session, divided.communities, valid_from=valid_from)
    registers.put_compounds(session, divided.compounds)


def _made_sound(
    what: str, polygons: gpd.GeoDataFrame, given: Boundaries, say: Say
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Refuse faults, or mend them if asked to; clean noise; and what mending moved.

    Between compounds there are streets: those are no gaps, and are not filled.
    """
    gaps, asked_m = what == "communities", given.mend_gaps_m
    found, moved = faults(polygons, gaps=gaps), pd.DataFrame()
    if asked_m is not None:
        before = found
        polygons, moved = mend(
            polygons, gap_width_m=asked_m if gaps else 0, leave_holes=given.leave_holes
        )
        found = faults(polygons, gaps=gaps)
        say(*mended_sentence(what, before, found, moved))
    if given.leave_holes and gaps:
        left = is_hole(found, mended_m=asked_m)
        if left.any():
            say(*left_sentence(found[left]))
        found = found[~left]
    _refuse_faults(what, found, mended_m=asked_m)
    if len(found):
        # What is left is noise: two lines become one, so that a coverage is divided.
        width_m = NOISE_GAP_M if gaps else 0
        polygons, _ = mend(polygons, gap_width_m=width_m, leave_holes=given.leave_holes)
    return polygons, moved.assign(what=what)


def _coded(
    grids: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame, used: pd.DataFrame, *, retire: bool
) -> tuple[pd.Series, retirement.CodesRetiredError | None]:
    """Give each grid its code; refuse a loss of codes that was not allowed, else show it."""
    if "grid_code" in compounds.columns:
        of_file = compounds.set_index("external_id")["grid_code"]
        grids = grids.assign(grid_code=grids["external_id"].map(of_file))
    codes = number_grids(grids, used)
    retired = retirement.find_retired(codes, used)
    if retired is not None and not retire:
        raise retired
    return codes, retired


def _county(
    session: Session, outline: gpd.GeoDataFrame | None, divisions: gpd.GeoDataFrame | None
) -> gpd.GeoSeries:
    """Give the county's polygons in EPSG:4490: those at hand, else those stored; may be none."""
    if outline is not None:
        return to_storage(outline, datum=outline.attrs.get("datum")).geometry
    if divisions is not None and divisions.geometry.notna().any():
        return divisions.geometry.dropna()
    return repository.outline(session)


def _refuse_faults(what: str, found: gpd.GeoDataFrame, *, mended_m: float | None = None) -> None:
    found = found[~is_noise(found)]
    if len(found):
        raise FaultyBoundariesError(what=what, found=found, mended_m=mended_m)


def _inside_their_communities(
    communities: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame, *, clip: bool, say: Say
) -> gpd.GeoDataFrame:
    """Cut footprints at their community's border; refuse, if not to be cut, all but a hair."""
    if not len(compounds):
        return compounds
    owner = community_of(communities, compounds)
    found = gpd.GeoDataFrame(
        pd.concat(
            [
                faults(compounds[owner == row], gaps=False, within=communities.iloc[[row]])
                for row in np.unique(owner)
            ],
            ignore_index=True,
        ),
        crs=STORAGE_CRS,
    )
    if not clip:
        _refuse_faults("compounds", found[~is_hair(found)])
    out = found["kind"] == "escape"
    if out.any():
        say(*cut_sentence(found[out]))
    cut, outlines = compounds.geometry.to_numpy().copy(), communities.geometry.to_numpy()[owner]
    over = ~shapely.covered_by(cut, outlines)
    left = shapely.intersection(cut[over], outlines[over])
    # What the cut leaves must be an area.
    cut[over] = shapely.make_valid(left, method="structure", keep_collapsed=False)
    inputs.refuse_outside(communities, compounds, owner, cut)
    return compounds.set_geometry(gpd.GeoSeries(list(cut), compounds.index, crs=STORAGE_CRS))


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
    return made.assign(town_code=made["code"].str[:TOWN_DIGITS]).sort_values(
        "code", ignore_index=True
    )


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name in frame.columns:
        return frame[name]
    return pd.Series(None, index=frame.index, dtype=object)
