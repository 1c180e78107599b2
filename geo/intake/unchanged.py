"""Rows that a rule of today refuses although they are stored just so: they count as unchanged.

Rules become stricter, territories are redrawn and days pass. Who hands in last month's row again
has done nothing wrong, and could mend nothing.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import Table, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from geo.crs import STORAGE_CRS
from geo.db.tables import Base
from geo.intake import places, repository
from geo.intake.model import Kind, Mask
from geo.intake.problems import Problems

# What these say of a row is a judgement: its cells were read, and can be held against what is
# stored. Of any other reason nobody knows what the row would have said.
JUDGED = frozenset(
    {
        "VALUE.missing",
        "DATE.future",
        "DATE.order",
        "COORDINATE.missing",
        "COORDINATE.swapped",
        "GEOMETRY.vertices",
        "ADDRESS.uncertain",
        "ADDRESS.unknown",
        "ADDRESS.notInBanner",
        "PLACE.outsideBanner",
        "PLACE.noGrid",
        "PAIRING.overlap",
        "STATUS.overlap",
        "POST.overlap",
        "TOTAL.level",
        "TOTAL.more",
    }
)


def take_back(
    session: Session,
    kind: Kind,
    frame: pd.DataFrame,
    problems: Problems,
    *,
    given: places.Given | None,
    by_address: Mask | None,
    lacking: frozenset[str],
) -> None:
    """Take back what is wrong with rows that equal what is stored, after the good were merged.

    Of several such rows of one key the first is let go.

    Parameters
    ----------
    session : Session
    kind : Kind
    frame : DataFrame, n rows
        As `geo.intake.repository.stage` takes it.
    problems : Problems
        Of the n rows; loses those of `JUDGED` where a row has no others and is stored as it is.
    given : Given, optional
        The coordinates of the file, those too that no grid holds.
    by_address : ndarray of bool, shape (n,), optional
        Rows that say where they are by an address only: their points are not compared.
    lacking : frozenset of str
        Stored columns that the file has not, see `geo.intake.repository.Keeps`.
    """
    judged = problems.having_only(JUDGED)
    at = np.flatnonzero(judged)
    if not at.size:
        return
    # In which grid a place lies is ours to say, not the file's.
    own = [name for name in frame.columns if name == "position" or name in kind.columns]
    rows = frame.loc[judged, own]
    if given is not None:
        shapes = given.geometry[at]
        made = places.multipolygons(shapes) if kind.place == "footprint" else shapes
        rows = gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(made, rows.index, crs=STORAGE_CRS))
        rows = rows.rename_geometry("geom")
    found = _equal(session, kind, repository.stage(session, kind, rows), lacking)
    position = found["position"].to_numpy(dtype=np.int64)
    there = found["same_place"].to_numpy(dtype=bool)
    if by_address is not None:
        there |= by_address[position]
    problems.clear(position[there])


def _equal(session: Session, kind: Kind, resolved: Table, lacking: frozenset[str]) -> pd.DataFrame:
    """Give the `position` of rows that equal stored ones, and whether their `same_place` too."""
    repository.unusable(session, resolved)
    target = Base.metadata.tables[kind.table]
    keys = kind.group if kind.span else [kind.columns[name].stored_as for name in kind.key]
    apart = {*keys, *(kind.span or ()), *lacking, "geom"}
    same = [target.c[name] == resolved.c[name] for name in keys]
    same += [
        target.c[name].is_not_distinct_from(resolved.c[name])
        for name in repository.stored_columns(resolved)
        if name not in apart
    ]
    if kind.span is not None:
        same.append(_same_span(kind, target, resolved))
    place: Any = literal(value=True)
    if "geom" in resolved.c:
        place = target.c.geom.is_not_distinct_from(resolved.c.geom)
    query = select(resolved.c.position, place.label("same_place"))
    return repository.frame_of(session, query.join(target, and_(*same)))


def _same_span(kind: Kind, target: Any, resolved: Table) -> Any:
    """Tell whether a span is stored; one without an end lasts until the next of its group."""
    start, end = kind.span or ("", "")
    starts = func.lower(target.c.valid) == resolved.c[start]
    until = func.upper(target.c.valid)
    later = target.alias("later")
    followed = select(1).where(
        *(later.c[name] == target.c[name] for name in kind.group),
        func.lower(later.c.valid) == until,
    )
    open_still = or_(func.upper_inf(target.c.valid), followed.exists())
    if end not in resolved.c:
        return and_(starts, open_still)
    stated = resolved.c[end]
    return and_(starts, or_(stated == until, and_(stated.is_(None), open_still)))
