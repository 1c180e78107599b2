"""Which grid an edition makes of which: ground that has another code than the day before."""

from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from sqlalchemy import exists, func, literal, select, text
from sqlalchemy.orm import Session, aliased

from geo.codes import LEVELS
from geo.crs import to_metric
from geo.db import tables as t
from geo.db.copy import copy_frame
from geo.errors import GoneError, GridNotFoundError, NotFoundError

# Vertices are stored in steps of 1e-7 degrees: a border that is nowhere farther from where it was
# was not moved, and ground that is nowhere wider came to nobody.
SAME_BORDER_DEG = 2e-7
SAME_BORDER_M = 0.02
COLUMNS = ("from_code", "to_code", "kind", "area_m2")
LISTED = 5
BECAME = {
    "split": ("已拆分为", "split into"),
    "merge": ("已并入", "merged into"),
    "recode": ("现编码为", "now called"),
    "transfer": ("已划入", "now part of"),
}
_COUNT = text("""
    UPDATE grid_lineage AS l SET households = c.households, residents = c.residents
    FROM (
        SELECT left(from_grid, digits) AS from_code, left(to_grid, digits) AS to_code,
            count(*) AS households, coalesce(sum(h.residents), 0) AS residents
        FROM moving JOIN household AS h USING (id)
        CROSS JOIN unnest(CAST(:levels AS int[])) AS digits
        GROUP BY 1, 2
    ) AS c
    WHERE l.edition = :edition AND (l.from_code, l.to_code) = (c.from_code, c.to_code)
""")
# From a code to those that its ground has on a day: a code that is gone in turn is followed on.
_FOLLOW = text("""
    WITH RECURSIVE told AS (
        SELECT l.from_code, l.to_code, l.kind, l.households, l.area_m2, l.edition
        FROM grid_lineage AS l JOIN edition AS e ON e.id = l.edition
        WHERE l.edition <= :edition AND e.valid_from <= :day
    ),
    there AS (
        SELECT code FROM grid_version
        WHERE editions @> CAST(:edition AS int) AND valid @> CAST(:day AS date)
    ),
    followed AS (
        SELECT t.to_code, t.kind, t.households, t.area_m2, t.edition, 1 AS depth
        FROM told AS t WHERE t.from_code = :code AND t.edition = (
            SELECT max(edition) FROM told WHERE from_code = :code)
        UNION
        SELECT t.to_code, t.kind, t.households, t.area_m2, t.edition, f.depth + 1
        FROM followed AS f JOIN told AS t ON t.from_code = f.to_code AND t.edition > f.edition
        WHERE f.to_code NOT IN (SELECT code FROM there)
    )
    SELECT to_code, kind, depth, to_code IN (SELECT code FROM there) AS there
    FROM followed ORDER BY depth, households DESC, area_m2 DESC, to_code
""")


class GridRetiredError(GoneError):
    """A code that was a grid's until an edition took it away; says what its ground is now."""

    code = "grid.gone"
    zh = "网格 {grid} 自 {since} 起不再使用{became_zh}。{last} 及以前的情况仍可查询（at={last}）。"
    en = (
        "Grid {grid} is no more since {since}{became_en}. How it was can still be asked for "
        "(at={last})."
    )


def is_same_ground(
    before: npt.NDArray[np.object_], after: npt.NDArray[np.object_]
) -> npt.NDArray[np.bool_]:
    """Tell which polygons cover the same ground, whatever vertices lie on their borders.

    Parameters
    ----------
    before, after : ndarray of Polygon or MultiPolygon, shape (n,)
        In EPSG:4490.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    apart = shapely.hausdorff_distance(shapely.boundary(before), shapely.boundary(after))
    return np.asarray(apart <= SAME_BORDER_DEG)


def find_lineage(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, *, crs: str) -> pd.DataFrame:
    """Find the ground that changes its code, of both levels.

    Parameters
    ----------
    before, after : GeoDataFrame
        `code`, `level`, `geometry` in EPSG:4490.
    crs : str
        In which areas are measured.

    Returns
    -------
    DataFrame
        `COLUMNS`; by code. `kind` is "split" where `from_code` is gone or gives ground to a new
        code, "merge" where it is gone and wholly another's, who was or got more, "recode" where
        nothing but the code is new, "transfer" where both go on.
    """
    found = [
        _of_level(before[before["level"] == level], after[after["level"] == level], crs)
        for level in (1, 2)
    ]
    pairs = pd.concat(found, ignore_index=True).assign(kind="")
    return _with_kinds(pairs, set(before["code"]), set(after["code"]))[list(COLUMNS)].sort_values(
        ["from_code", "to_code"], ignore_index=True
    )


def _of_level(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, crs: str) -> pd.DataFrame:
    """Pair what overlaps, of the grids that are not as they were."""
    both = before.merge(after, on="code", suffixes=("", "_after"))
    same = is_same_ground(
        both["geometry"].to_numpy(dtype=object), both["geometry_after"].to_numpy(dtype=object)
    )
    still = set(both.loc[same, "code"])
    old, new = (side[~side["code"].isin(still)] for side in (before, after))
    old_geom, new_geom = old.geometry.to_numpy(), new.geometry.to_numpy()
    here, there = shapely.STRtree(new_geom).query(old_geom, predicate="intersects")
    codes = old["code"].to_numpy()[here], new["code"].to_numpy()[there]
    other = codes[0] != codes[1]
    shared = shapely.intersection(old_geom[here[other]], new_geom[there[other]])
    metric = to_metric(shared, crs)
    area, around = shapely.area(metric), shapely.length(metric)
    # A strip is as wide as its area by half of the way around it.
    wide = area > SAME_BORDER_M * around / 2
    return pd.DataFrame(
        {
            "from_code": codes[0][other][wide],
            "to_code": codes[1][other][wide],
            "area_m2": np.round(area[wide], 2),
        }
    )


def _with_kinds(pairs: pd.DataFrame, before: set[str], after: set[str]) -> pd.DataFrame:
    """Name what happens to each pair's ground."""
    gone, new = ~pairs["from_code"].isin(after), ~pairs["to_code"].isin(before)
    receivers = pairs.groupby("from_code")["to_code"].transform("size")
    givers = pairs.groupby("to_code")["from_code"].transform("size")
    kinds = np.select(
        [
            gone & (receivers == 1) & new & (givers == 1),
            gone & (receivers == 1),
            gone | new,
        ],
        ["recode", "merge", "split"],
        "transfer",
    )
    return pairs.assign(kind=kinds)


def put_lineage(session: Session, edition: int, pairs: pd.DataFrame) -> None:
    """Write an edition's lineage, counted by nobody yet.

    Parameters
    ----------
    session : Session
    edition : int
    pairs : DataFrame
        See `find_lineage`.
    """
    rows = pairs.assign(edition=edition, households=0, residents=0)
    copy_frame(session, "grid_lineage", rows)


def count_lineage(session: Session, edition: int, moved: pd.DataFrame) -> None:
    """Write how many households, and how many people, go from code to code.

    Parameters
    ----------
    session : Session
    edition : int
        Whose lineage is written.
    moved : DataFrame
        `id`, `from_grid`, `to_grid` of the households whose grid is another for it.
    """
    session.execute(
        text("CREATE TEMP TABLE moving (id int, from_grid text, to_grid text) ON COMMIT DROP")
    )
    copy_frame(session, "moving", moved[["id", "from_grid", "to_grid"]])
    session.execute(_COUNT, {"edition": edition, "levels": list(LEVELS)})
    session.execute(text("DROP TABLE moving"))


def read_lineage(
    session: Session, *, code: str | None = None, edition: int | None = None
) -> pd.DataFrame:
    """Read what became of codes, and of which codes they came.

    Parameters
    ----------
    session : Session
    code : str, optional
        As giver or receiver.
    edition : int, optional
        One of those that are planned too; all that took effect where not named.

    Returns
    -------
    DataFrame
        `edition`, `valid_from`, `from_code`, `to_code`, `kind`, `households`, `residents`,
        `area_m2`; oldest first.
    """
    rows = session.execute(
        text(
            "SELECT l.edition, e.valid_from, l.from_code, l.to_code, l.kind, l.households, "
            "l.residents, l.area_m2 FROM grid_lineage AS l JOIN edition AS e ON e.id = l.edition "
            "WHERE (CAST(:code AS text) IS NULL OR :code IN (l.from_code, l.to_code)) "
            "AND coalesce(l.edition = CAST(:edition AS int), e.took_effect_at IS NOT NULL) "
            "ORDER BY e.valid_from, l.edition, l.from_code, l.to_code"
        ),
        {"code": code, "edition": edition},
    ).all()
    columns = ["edition", "valid_from", "from_code", "to_code", "kind", "households"]
    return pd.DataFrame(rows, columns=[*columns, "residents", "area_m2"])


def find_given_up(session: Session, edition: int, *, on: date) -> list[str]:
    """List the codes of either level that are grids until a day and, as an edition knows, no more.

    Parameters
    ----------
    session : Session
    edition : int
    on : date
        The first day without them.

    Returns
    -------
    list of str
        Ascending.
    """
    version, still = t.GridVersion, aliased(t.GridVersion)
    known = literal(edition)
    goes_on = exists().where(
        still.code == version.code,
        still.editions.contains(known),
        still.valid.contains(literal(on)),
    )
    query = select(version.code).where(
        func.upper(version.valid) == on, version.editions.contains(known), ~goes_on
    )
    return list(session.scalars(query.distinct().order_by(version.code)))


def is_known(session: Session, code: str) -> bool:
    """Tell whether a code was ever given to a grid that was in force."""
    version = t.GridVersion
    in_force = select(func.max(t.Edition.id)).where(t.TOOK_EFFECT).scalar_subquery()
    known = select(version.id).where(version.code == code, func.lower(version.editions) <= in_force)
    return session.scalar(known.limit(1)) is not None


def explain_missing(session: Session, code: str, day: date, *, edition: int) -> NotFoundError:
    """Say why there is no such grid on a day: that it is gone, and what its ground is now, or not.

    Parameters
    ----------
    session : Session
    code : str
        Of either level.
    day : date
    edition : int
        As which the day is known.

    Returns
    -------
    GridRetiredError
        Where it was a grid before; its values hold `successors` (codes) and `since`, `last`.
    GridNotFoundError
        Where it was none yet, or never.
    """
    version = t.GridVersion
    since = session.scalar(
        select(func.max(func.upper(version.valid))).where(
            version.code == code,
            version.editions.contains(literal(edition)),
            func.upper(version.valid) <= day,
        )
    )
    if since is None:
        return GridNotFoundError(grid=code, at=day.isoformat())
    kind, successors = _successors(session, code, day, edition)
    listed = successors[:LISTED]
    names = _names(session, listed, day, edition)
    called = [f"{each} {names.get(each, '')}".strip() for each in listed]
    more = len(successors) - len(listed)
    zh, en = "、".join(called), ", ".join(called)
    if more:
        zh, en = f"{zh} 等 {len(successors)} 个", f"{en} and {more} more"
    return GridRetiredError(
        grid=code,
        since=since.isoformat(),
        last=(since - timedelta(days=1)).isoformat(),
        successors=successors,
        became_zh=f"，{BECAME[kind][0]} {zh}" if successors else "",
        became_en=f": {BECAME[kind][1]} {en}" if successors else "",
    )


def _successors(session: Session, code: str, day: date, edition: int) -> tuple[str, list[str]]:
    """Follow a code's ground, from edition to edition, to the codes of a day; most of it first."""
    rows = session.execute(_FOLLOW, {"code": code, "day": day, "edition": edition}).all()
    kind = next((row.kind for row in rows if row.depth == 1), "split")
    return kind, list(dict.fromkeys(row.to_code for row in rows if row.there))


def _names(session: Session, codes: list[str], day: date, edition: int) -> dict[str, str]:
    version = t.GridVersion
    rows = session.execute(
        select(version.code, version.name).where(
            version.code.in_(codes),
            version.editions.contains(literal(edition)),
            version.valid.contains(literal(day)),
        )
    ).all()
    return {row.code: row.name for row in rows}
