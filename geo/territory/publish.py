"""The grids of a new edition in one transaction: versions closed and opened.

What else follows from an edition is `geo.workflows.publish_edition`'s.
"""

from datetime import date

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
from geo.territory import repository
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


class EarlierEditionError(ConflictError):
    """An edition would start before the one it follows."""

    code = "territory.earlier_edition"
    zh = "新版网格的起始日 {got} 早于现行版本的 {first}。请选择 {first} 或之后的日期。"
    en = "The new edition would start on {got}, before the present one ({first}); take a later day."


def publish(
    session: Session, grids: gpd.GeoDataFrame, *, info: EditionInfo
) -> tuple[int, pd.DataFrame]:
    """Write level-two grids and their communities as the next edition.

    A grid that did not change keeps its row. One that changed or vanished is closed on
    `valid_from`, as the new edition knows it; what older editions knew stays as it was. A load
    that is under way is waited for, so that what it places can be placed anew. Nothing is committed
    here.

    Parameters
    ----------
    session : Session
    grids : GeoDataFrame
        Both levels, see `geo.frames.GRIDS`, with `name_en` and `kind` where known. Level two must
        be a valid coverage and level one the union of its children.
    info : EditionInfo

    Returns
    -------
    int
        Number of the edition.
    DataFrame
        `code` and `change` ("new", "changed", "gone", "unchanged") of every grid of this edition or
        of the one before; by code.

    Raises
    ------
    NotACoverageError
        If level two is not a valid coverage.
    EarlierEditionError
        If `valid_from` is before the latest edition's.
    """
    check(grids, GRIDS)
    _refuse_bad_coverage(grids[grids["level"] == 2])  # noqa: PLR2004 - the level's number
    repository.take_edition(session)
    latest = session.scalars(select(t.Edition).order_by(t.Edition.id.desc()).limit(1)).first()
    if latest is not None and info.valid_from < latest.valid_from:
        raise EarlierEditionError(got=info.valid_from, first=latest.valid_from)
    number = 1 if latest is None else latest.id + 1
    # What was measured once stays comparable: only the first edition chooses.
    if latest is not None:
        crs = latest.measuring_crs
    else:
        crs = check_crs(info.measuring_crs) if info.measuring_crs else crs_of(grids)
    session.add(
        t.Edition(
            id=number,
            title=visible(info.title),
            valid_from=info.valid_from,
            synthetic=info.synthetic,
            attribution=visible(info.attribution),
            note=info.note,
            measuring_crs=crs,
        )
    )
    session.flush()
    _stage(session, grids, crs)
    return number, _write_versions(session, number, info.valid_from)


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
    optional = {
        name: grids[name] if name in grids.columns else pd.Series(None, grids.index, dtype=object)
        for name in ("name_en", "kind")
    }
    staged = gpd.GeoDataFrame(
        {
            "code": grids["code"],
            "name": grids["name"],
            "name_en": optional["name_en"],
            "kind": optional["kind"].fillna("general"),
            "area_m2": np.round(shapely.area(to_metric(grids.geometry.to_numpy(), crs)), 2),
            "geom": gpd.GeoSeries(multi, index=grids.index, crs=grids.crs),
        },
        geometry="geom",
    ).sort_values("code")
    copy_frame(session, "staged_grid", staged)


def _write_versions(session: Session, number: int, valid_from: date) -> pd.DataFrame:
    bound = {"number": number, "valid_from": valid_from}
    session.execute(
        text(
            "INSERT INTO grid (code, first_edition) SELECT code, :number FROM staged_grid "
            "ORDER BY length(code), code ON CONFLICT DO NOTHING"
        ),
        bound,
    )
    # What is believed now and still open in time, beside what is to be believed from now on.
    session.execute(
        text(
            "CREATE TEMP TABLE replaced ON COMMIT DROP AS SELECT v.*, s.code IS NULL AS gone "
            "FROM grid_version v LEFT JOIN staged_grid s USING (code) "
            "WHERE upper_inf(v.editions) AND upper_inf(v.valid) AND (s.code IS NULL OR "
            "(v.name, v.name_en, v.kind) IS DISTINCT FROM (s.name, s.name_en, s.kind) "
            "OR ST_AsBinary(v.geom) <> ST_AsBinary(s.geom))"
        )
    )
    replaced = session.execute(text("SELECT code, gone FROM replaced")).all()
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
    opened = session.scalars(
        text(
            "INSERT INTO grid_version (code, name, name_en, kind, area_m2, geom, valid, editions) "
            "SELECT code, name, name_en, kind, area_m2, geom, daterange(:valid_from, NULL), "
            "int4range(:number, NULL) FROM staged_grid s WHERE NOT EXISTS (SELECT FROM "
            "grid_version v WHERE v.code = s.code AND upper_inf(v.editions) AND upper_inf(v.valid))"
            " RETURNING code"
        ),
        bound,
    ).all()
    staged = session.scalars(text("SELECT code FROM staged_grid")).all()
    session.execute(text("DROP TABLE staged_grid, replaced"))
    changes = dict.fromkeys(staged, "unchanged") | dict.fromkeys(opened, "new")
    changes |= {code: "gone" if gone else "changed" for code, gone in replaced}
    return pd.DataFrame(sorted(changes.items()), columns=["code", "change"], dtype="str")
