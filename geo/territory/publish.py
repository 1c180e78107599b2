"""A new edition in one transaction: versions closed and opened, households re-homed."""

from datetime import date
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
from geo.territory import repository
from geo.territory.index import GridIndex


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


class HouseholdsLostError(ConflictError):
    """Households would lie in no grid of the new edition."""

    code = "territory.households_lost"
    zh = (
        "新边界之外有 {count} 户（例如 {example}），距最近网格超过 {limit_m} 米，未发布。"
        "请先调整边界。"
    )
    en = (
        "{count} households (for example {example}) would lie over {limit_m} m from any grid; "
        "nothing was published. Correct the boundaries first."
    )


def publish(
    session: Session,
    grids: gpd.GeoDataFrame,
    *,
    title: str,
    valid_from: date,
    synthetic: bool,
    attribution: str,
    limit_m: float,
    note: str | None = None,
) -> tuple[int, dict[str, int]]:
    """Write level-two grids and their communities as the next edition.

    A grid that did not change keeps its row. One that changed or vanished is closed on
    `valid_from`, as the new edition knows it; what older editions knew stays as it was. A load
    that is under way is waited for, so that what it places is re-homed too. Nothing is committed
    here.

    Parameters
    ----------
    session : Session
    grids : GeoDataFrame
        Both levels, see `geo.frames.GRIDS`, with `name_en` and `kind` where known. Level two must
        be a valid coverage and level one the union of its children.
    title, attribution : str
        Shown with every map of the edition.
    valid_from : date
        First day on which the territory is so.
    synthetic : bool
        Whether the boundaries are made up.
    limit_m : float
        How far outside a household may lie from its nearest grid.
    note : str, optional

    Returns
    -------
    int
        Number of the edition.
    dict
        How many rows were `new`, `changed`, `gone`, `unchanged`, and `households` and `incidents`
        that have another grid now.

    Raises
    ------
    NotACoverageError
        If level two is not a valid coverage.
    EarlierEditionError
        If `valid_from` is before the latest edition's.
    HouseholdsLostError
        If a household would have no grid.
    """
    check(grids, GRIDS)
    level_two = grids[grids["level"] == 2]  # noqa: PLR2004 - the level's number
    _refuse_bad_coverage(level_two)
    repository.take_edition(session)
    latest = session.scalars(select(t.Edition).order_by(t.Edition.id.desc()).limit(1)).first()
    if latest is not None and valid_from < latest.valid_from:
        raise EarlierEditionError(got=valid_from, first=latest.valid_from)
    number = 1 if latest is None else latest.id + 1
    session.add(
        t.Edition(
            id=number,
            title=title,
            valid_from=valid_from,
            synthetic=synthetic,
            attribution=attribution,
            note=note,
        )
    )
    session.flush()
    _stage(session, grids)
    counts = _write_versions(session, number, valid_from)
    counts |= _rehome(session, GridIndex(level_two), limit_m)
    return number, counts


def _refuse_bad_coverage(level_two: gpd.GeoDataFrame) -> None:
    geometry = level_two.geometry.to_numpy()
    faulty = ~shapely.is_empty(shapely.coverage_invalid_edges(geometry))
    if faulty.any():
        raise NotACoverageError(codes=", ".join(level_two["code"][faulty][:5]))


def _stage(session: Session, grids: gpd.GeoDataFrame) -> None:
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
            "area_m2": np.round(shapely.area(to_metric(grids.geometry.to_numpy())), 2),
            "geom": gpd.GeoSeries(multi, index=grids.index, crs=grids.crs),
        },
        geometry="geom",
    ).sort_values("code")
    copy_frame(session, "staged_grid", staged)


def _write_versions(session: Session, number: int, valid_from: date) -> dict[str, int]:
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
    replaced = session.execute(
        text("SELECT count(*) FILTER (WHERE gone), count(*) FILTER (WHERE NOT gone) FROM replaced")
    ).one()
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
    written = session.execute(
        text(
            "WITH opened AS ("
            "INSERT INTO grid_version (code, name, name_en, kind, area_m2, geom, valid, editions) "
            "SELECT code, name, name_en, kind, area_m2, geom, daterange(:valid_from, NULL), "
            "int4range(:number, NULL) FROM staged_grid s WHERE NOT EXISTS (SELECT FROM "
            "grid_version v WHERE v.code = s.code AND upper_inf(v.editions) AND upper_inf(v.valid))"
            " RETURNING 1) SELECT count(*) FROM opened"
        ),
        bound,
    ).scalar_one()
    total = session.execute(text("SELECT count(*) FROM staged_grid")).scalar_one()
    gone, changed = replaced
    session.execute(text("DROP TABLE staged_grid, replaced"))
    return {
        "new": written - changed,
        "changed": changed,
        "gone": gone,
        "unchanged": total - written,
    }


def _rehome(session: Session, index: GridIndex, limit_m: float) -> dict[str, int]:
    moved = {}
    for table in (t.Household, t.Incident):
        rows = session.execute(
            select(table.id, table.external_id, table.grid_code, table.geom.ST_AsBinary()).where(
                table.geom.is_not(None)
            )
        ).all()
        frame = pd.DataFrame(rows, columns=["id", "external_id", "was", "wkb"])
        points = shapely.from_wkb([bytes(wkb) for wkb in frame.pop("wkb")])
        placed = pd.concat([frame, index.locate(points, limit_m=limit_m)], axis=1)
        lost = placed[placed["grid_code"].isna()]
        if table is t.Household and len(lost):
            raise HouseholdsLostError(
                count=len(lost), example=lost["external_id"].iloc[0], limit_m=f"{limit_m:g}"
            )
        changed = placed[placed["grid_code"].fillna("") != placed["was"].fillna("")]
        moved[f"{table.__tablename__}s"] = len(changed)
        _write_homes(session, table, changed)
    return moved


def _write_homes(session: Session, table: Any, changed: pd.DataFrame) -> None:
    if changed.empty:
        return
    session.execute(
        text(
            "CREATE TEMP TABLE rehomed (id int, grid_code text, match text, distance_m float8) "
            "ON COMMIT DROP"
        )
    )
    copy_frame(session, "rehomed", changed[["id", "grid_code", "match", "distance_m"]])
    reason = ""
    if table is t.Incident:
        reason = ", unplaced_reason = CASE WHEN r.grid_code IS NULL THEN 'PLACE.noGrid' END"
    session.execute(
        text(
            f"UPDATE {table.__tablename__} AS x SET grid_code = r.grid_code, match = r.match, "  # noqa: S608 - a table of ours
            f"distance_m = r.distance_m{reason} FROM rehomed r WHERE x.id = r.id"
        )
    )
    session.execute(text("DROP TABLE rehomed"))
