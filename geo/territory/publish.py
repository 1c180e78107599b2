"""The grids of a new edition in one transaction: versions closed and opened.

What else follows from an edition is `geo.workflows.publish_edition`'s.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geo.crs import to_metric
from geo.db import tables as t
from geo.db.copy import copy_frame
from geo.errors import ConflictError
from geo.frames import GRIDS, check
from geo.measuring import check_crs, crs_of
from geo.territory import lineage, repository
from geo.territory.model import EditionInfo
from geo.text import visible


class NotACoverageError(ConflictError):
    """The grids to publish overlap or do not share their vertices."""

    code = "territory.not_a_coverage"
    zh = "网格 {codes} 与相邻网格重叠或边界不一致，不能发布。请用 bannergrid territory check 查看。"
    en = (
        "Grids {codes} overlap or do not match their neighbours' borders and cannot be published. "
        "See bannergrid territory check."
    )


@dataclass(frozen=True)
class Written:
    """An edition as it was written.

    Parameters
    ----------
    edition : int
        Its number.
    changes : DataFrame
        `code` and `change` ("new", "changed", "gone", "unchanged") of every grid of this edition
        or of the day before it; by code.
    repeated : dict of int to int
        Editions that are planned for later days, and the numbers under which they follow now.
    """

    edition: int
    changes: pd.DataFrame
    repeated: dict[int, int]


def publish(
    session: Session,
    grids: gpd.GeoDataFrame,
    *,
    info: EditionInfo,
    planned: dict[str, Any] | None = None,
) -> Written:
    """Write level-two grids and their communities as the next edition, in force from its day on.

    A grid that did not change keeps its row. What was believed of `valid_from` and the days after
    it is closed, as the new edition knows it; what older editions knew stays as it was. Nothing
    follows from it yet: see `take_effect`. An edition that is planned for a later day is no part
    of what is drawn here: it is written once more, to follow. A load that is under way is waited
    for, so that what it places can be placed anew. Nothing is committed here.

    Parameters
    ----------
    session : Session
    grids : GeoDataFrame
        Both levels, see `geo.frames.GRIDS`, with `name_en` and `kind` where known. Level two must
        be a valid coverage and level one the union of its children.
    info : EditionInfo
    planned : dict, optional
        Kept with the edition until its day.

    Returns
    -------
    Written

    Raises
    ------
    NotACoverageError
        If level two is not a valid coverage.
    """
    check(grids, GRIDS)
    _refuse_bad_coverage(grids[grids["level"] == 2])  # noqa: PLR2004 - the level's number
    repository.take_edition(session)
    later = [each for each in repository.planned(session) if each.valid_from > info.valid_from]
    number, changes = _write(session, grids, info, planned)
    repeated = {}
    for each in later:
        drawn = repository.grids(session, at=each.valid_from, edition=each.id)
        again = EditionInfo(
            each.title, each.valid_from, each.synthetic, each.attribution, each.note
        )
        kept = session.scalar(select(t.Edition.planned).where(t.Edition.id == each.id))
        repeated[each.id], _ = _write(session, drawn, again, kept)
    return Written(number, changes, repeated)


def take_effect(session: Session, number: int) -> dict[str, Any] | None:
    """Let an edition answer from now on; give what was planned to be written with it."""
    row = session.get_one(t.Edition, number)
    planned, row.planned = row.planned, None
    row.took_effect_at = datetime.now(UTC)
    session.flush()
    return planned


def _write(
    session: Session,
    grids: gpd.GeoDataFrame,
    info: EditionInfo,
    planned: dict[str, Any] | None,
) -> tuple[int, pd.DataFrame]:
    latest = session.scalars(select(t.Edition).order_by(t.Edition.id.desc()).limit(1)).first()
    number = 1 if latest is None else latest.id + 1
    # What was measured once stays comparable: only the first edition chooses.
    if latest is not None:
        crs = latest.measuring_crs
    else:
        crs = check_crs(info.measuring_crs) if info.measuring_crs else crs_of(grids)
    before = repository.believed(session, info.valid_from)
    session.add(
        t.Edition(
            id=number,
            title=visible(info.title),
            valid_from=info.valid_from,
            synthetic=info.synthetic,
            attribution=visible(info.attribution),
            note=info.note,
            measuring_crs=crs,
            planned=planned,
        )
    )
    session.flush()
    _stage(session, grids, crs)
    _write_versions(session, number, info.valid_from)
    if not before.empty:
        lineage.put_lineage(session, number, lineage.find_lineage(before, grids, crs=crs))
    return number, _compare(before, grids)


def _compare(before: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> pd.DataFrame:
    """Say of each grid what it is beside the day before; more vertices are no change."""
    called = ["name", "name_en", "kind"]
    now = _called(grids).assign(geometry=grids.geometry.to_numpy())
    both = before[["code", *called, "geometry"]].merge(
        now, on="code", how="outer", suffixes=("_before", ""), indicator="where"
    )
    change = both["where"].map({"left_only": "gone", "right_only": "new", "both": "changed"})
    change = change.astype("str")
    there = both[both["where"] == "both"]
    same = lineage.is_same_ground(
        there["geometry_before"].to_numpy(dtype=object), there["geometry"].to_numpy(dtype=object)
    )
    for name in called:
        was, is_now = (there[each].astype(object).fillna("") for each in (f"{name}_before", name))
        same &= (was == is_now).to_numpy()
    change[there.index[same]] = "unchanged"
    return pd.DataFrame({"code": both["code"].astype("str"), "change": change}).sort_values(
        "code", ignore_index=True
    )


def _refuse_bad_coverage(level_two: gpd.GeoDataFrame) -> None:
    geometry = level_two.geometry.to_numpy()
    faulty = ~shapely.is_empty(shapely.coverage_invalid_edges(geometry))
    if faulty.any():
        raise NotACoverageError(codes=", ".join(level_two["code"][faulty][:5]))


def _stage(session: Session, grids: gpd.GeoDataFrame, crs: str) -> None:
    session.execute(
        text(
            "CREATE TEMP TABLE staged_grid (code text PRIMARY KEY, name text, name_en text, "
            "kind text, area_m2 float8, geom geometry(MultiPolygon, 4490)) ON COMMIT DROP"
        )
    )
    multi = [
        one if one.geom_type == "MultiPolygon" else shapely.multipolygons([one])
        for one in grids.geometry
    ]
    staged = gpd.GeoDataFrame(
        {
            **_called(grids),
            "area_m2": np.round(shapely.area(to_metric(grids.geometry.to_numpy(), crs)), 2),
            "geom": gpd.GeoSeries(multi, index=grids.index, crs=grids.crs),
        },
        geometry="geom",
    ).sort_values("code")
    copy_frame(session, "staged_grid", staged)


def _called(grids: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give `code`, `name`, `name_en` and `kind` of grids, whichever of them a frame has."""
    absent = pd.Series(None, grids.index, dtype=object)
    return pd.DataFrame(
        {
            "code": grids["code"],
            "name": grids["name"],
            "name_en": grids.get("name_en", absent),
            "kind": grids.get("kind", absent).astype(object).fillna("general"),
        }
    )


def _write_versions(session: Session, number: int, valid_from: date) -> None:
    bound = {"number": number, "valid_from": valid_from}
    session.execute(
        text(
            "INSERT INTO grid (code, first_edition) SELECT code, :number FROM staged_grid "
            "ORDER BY length(code), code ON CONFLICT DO NOTHING"
        ),
        bound,
    )
    # What is believed of that day or of later ones, beside what is to be believed from now on.
    session.execute(
        text(
            "CREATE TEMP TABLE replaced ON COMMIT DROP AS SELECT v.* "
            "FROM grid_version v LEFT JOIN staged_grid s USING (code) "
            "WHERE upper_inf(v.editions) AND v.valid && daterange(:valid_from, NULL) AND ("
            "s.code IS NULL OR NOT upper_inf(v.valid) OR lower(v.valid) > :valid_from "
            "OR (v.name, v.name_en, v.kind) IS DISTINCT FROM (s.name, s.name_en, s.kind) "
            "OR ST_AsBinary(v.geom) <> ST_AsBinary(s.geom))"
        ),
        bound,
    )
    session.execute(
        text(
            "UPDATE grid_version SET editions = int4range(lower(editions), :number) "
            "WHERE id IN (SELECT id FROM replaced)"
        ),
        bound,
    )
    session.execute(
        text(
            "INSERT INTO grid_version (code, name, name_en, kind, area_m2, geom, valid, editions) "
            "SELECT code, name, name_en, kind, area_m2, geom, "
            "daterange(lower(valid), :valid_from), int4range(:number, NULL) "
            "FROM replaced WHERE lower(valid) < :valid_from"
        ),
        bound,
    )
    session.execute(
        text(
            "INSERT INTO grid_version (code, name, name_en, kind, area_m2, geom, valid, editions) "
            "SELECT code, name, name_en, kind, area_m2, geom, daterange(:valid_from, NULL), "
            "int4range(:number, NULL) FROM staged_grid s WHERE NOT EXISTS (SELECT FROM "
            "grid_version v WHERE v.code = s.code AND upper_inf(v.editions) AND upper_inf(v.valid))"
        ),
        bound,
    )
    session.execute(text("DROP TABLE staged_grid, replaced"))
