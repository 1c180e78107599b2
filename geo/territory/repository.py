"""All SQL of the territory. Reads name the edition and the day; nothing here commits."""

from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, text, union
from sqlalchemy.orm import Session, aliased

from geo import measuring
from geo.calendar import today
from geo.codes import BANNER_DIGITS, GRID_DIGITS
from geo.crs import METRIC_CRS, STORAGE_CRS
from geo.db import tables as t
from geo.db.copy import copy_frame
from geo.errors import EditionNotFoundError, NotFoundError
from geo.measuring import srid_of
from geo.territory import kinds, lineage
from geo.territory.index import FAR_DEG, TIE_M
from geo.territory.model import Edition

_LOCATE = Path(__file__).parent / "sql" / "locate.sql"
EDITION_LOCK = 150625  # of pg_advisory_xact_lock
# What `locate` looks up, and what in: both indexed, the grids in degrees and in metres.
_STAGES = (
    "CREATE TEMP TABLE asked (row int, point geometry(Point, 4490)) ON COMMIT DROP",
    f"""CREATE TEMP TABLE level_two ON COMMIT DROP AS
    SELECT code, geom, ST_Transform(geom, :metric_srid) AS metric FROM grid_version
    WHERE length(code) = {GRID_DIGITS}
        AND editions @> CAST(:edition AS int) AND valid @> CAST(:day AS date)
    """,  # noqa: S608 - a constant of ours
    "CREATE INDEX ON level_two USING gist (geom)",
    "CREATE INDEX ON level_two USING gist (metric)",
)


class DayNotCoveredError(NotFoundError):
    """A day before the first edition's territory."""

    code = "territory.day_not_covered"
    zh = "{at} 尚无网格：网格自 {first} 起有效，请查询该日或之后的日期。"
    en = "There is no territory on {at}: it starts on {first}; ask for that day or a later one."


def keep_edition(session: Session) -> None:
    """Let no edition be published until the transaction ends; wait first for one that is.

    For whoever writes down grids of things: what is placed by one edition and written after the
    next was published would stay in the old grid. To be called before rows are locked, else two
    could wait for each other. Any number may keep the edition at once.
    """
    session.execute(select(func.pg_advisory_xact_lock_shared(EDITION_LOCK)))


def take_edition(session: Session) -> None:
    """Wait until nobody keeps the edition or publishes one; then be alone till the end."""
    session.execute(select(func.pg_advisory_xact_lock(EDITION_LOCK)))


def editions(session: Session) -> list[Edition]:
    """List the editions that took effect, newest first."""
    rows = session.scalars(select(t.Edition).where(t.TOOK_EFFECT).order_by(t.Edition.id.desc()))
    return [_edition(row) for row in rows]


def planned(session: Session) -> list[Edition]:
    """List the editions that are published for a day to come, the next first.

    One that was published for the same day as a later one, or for a later day before it, is not
    among them: it never takes effect.
    """
    in_force = session.scalar(select(func.max(t.Edition.id)).where(t.TOOK_EFFECT)) or 0
    rows = session.scalars(
        select(t.Edition).where(t.Edition.id > in_force).order_by(t.Edition.id.desc())
    )
    found: list[Edition] = []
    for row in rows:
        if not found or row.valid_from < found[-1].valid_from:
            found.append(_edition(row))
    return found[::-1]


def edition(session: Session, number: int | None = None, *, at: date | None = None) -> Edition:
    """Give one edition: where no number is named, the one that answers for a day.

    Parameters
    ----------
    session : Session
    number : int, optional
    at : date, optional
        For a day to come, that is the one that will be in force then, as far as is published;
        for any other, and where not named, the one in force. Where none took effect yet, the
        newest that was published.

    Raises
    ------
    EditionNotFoundError
        If there is none of that number, or none at all.
    """
    query = select(t.Edition).limit(1)
    if number is not None:
        # Beyond int4 the database would raise where "not found" is the answer.
        query = query.where(t.Edition.id == min(number, 2**31 - 1))
    else:
        answers: ColumnElement[bool] = t.TOOK_EFFECT
        if at is not None and at > today():
            answers = or_(answers, t.Edition.valid_from <= at)
        query = query.order_by(answers.desc(), t.Edition.id.desc())
    row = session.scalars(query).one_or_none()
    if row is None:
        raise EditionNotFoundError(edition=1 if number is None else number)
    return _edition(row)


def measuring_crs(session: Session) -> str:
    """Give the CRS that the site is measured in; the demo's where nothing is published yet."""
    query = select(t.Edition.measuring_crs).order_by(t.Edition.id.desc()).limit(1)
    return session.scalar(query) or METRIC_CRS


def grids(
    session: Session,
    *,
    level: int | None = None,
    at: date | None = None,
    edition: int | None = None,
    bbox: tuple[float, float, float, float] | None = None,
    code: str | None = None,
) -> gpd.GeoDataFrame:
    """Read the grids of a day as an edition knows them.

    Parameters
    ----------
    session : Session
    level : {1, 2}, optional
        Communities or compounds; both where not named.
    at : date, optional
        The day; today where not named.
    edition : int, optional
        What was known then; where not named, what answers for the day, see `edition`.
    bbox : tuple of float, optional
        West, south, east, north in EPSG:4490; grids that touch it.
    code : str, optional
        Just this grid.

    Returns
    -------
    GeoDataFrame
        See `geo.frames.GRIDS`, with its optional columns and `kind`; sorted by code. Its `attrs`
        name the CRS that the site is measured in, see `geo.measuring.crs_of`, and the county's
        kind, see `geo.territory.kinds`.

    Raises
    ------
    EditionNotFoundError, DayNotCoveredError
        If nothing is published, or nothing for that day.
    GridNotFoundError, GridRetiredError
        If `code` is not a grid of that day and edition, or not any more.
    """
    day = at or today()
    known = _edition_called(session, edition, day)
    query = _versions(known.id, day)
    if level is not None:
        query = query.where(t.Grid.level == level)
    if bbox is not None:
        query = query.where(t.GridVersion.geom.ST_Intersects(func.ST_MakeEnvelope(*bbox, t.SRID)))
    if code is not None:
        query = query.where(t.Grid.code == code)
    frame = _geo_frame(session, query)
    if frame.empty:
        _explain_nothing(session, known, day, code)
    frame.attrs[measuring.ATTRIBUTE] = known.measuring_crs
    frame.attrs[kinds.ATTRIBUTE] = _county_kind(session, frame["code"])
    return frame


def _county_kind(session: Session, codes: pd.Series) -> str | None:
    county = codes.min()[:BANNER_DIGITS]
    return session.scalar(select(t.Division.kind).where(t.Division.code == county))


def names(session: Session, edition: Edition, at: date) -> pd.DataFrame:
    """Read what the level-two grids of a day, and what they lie in, are called.

    Parameters
    ----------
    session : Session
    edition : Edition
        Which knows them.
    at : date
        The day.

    Returns
    -------
    DataFrame
        `name`, `name_en`, `community`, `community_en`, `town`, `town_en`, missing where unknown;
        indexed by code, ascending.
    """
    grids = _versions(edition.id, at).where(t.Grid.level == 2).subquery()  # noqa: PLR2004 - its number
    columns = ["code", "name", "name_en", "community", "community_en", "town", "town_en"]
    rows = session.execute(select(*(grids.c[name] for name in columns))).all()
    return pd.DataFrame(rows, columns=columns, dtype=object).set_index("code").sort_index()


def span(session: Session, edition: Edition, at: date) -> tuple[date, date | None]:
    """Give the days around a day between which no grid changes, as an edition knows it.

    Parameters
    ----------
    session : Session
    edition : Edition
    at : date
        The day.

    Returns
    -------
    tuple of date
        First day, and the day after the last; None where there is no end.

    Raises
    ------
    DayNotCoveredError
        If the edition's territory starts later.
    """
    known = t.GridVersion.editions.contains(literal(edition.id))
    bounds = union(
        select(func.lower(t.GridVersion.valid).label("day")).where(known),
        select(func.upper(t.GridVersion.valid)).where(known),
    ).subquery()
    day = bounds.c.day
    first, last = session.execute(
        select(func.max(day).filter(day <= at), func.min(day).filter(day > at))
    ).one()
    if first is None:
        starts = last or edition.valid_from
        raise DayNotCoveredError(at=at.isoformat(), first=starts.isoformat())
    return first, last


def _edition_called(session: Session, number: int | None, day: date) -> Edition:
    return edition(session, number, at=day)


def _versions(edition_id: int, day: date) -> Select[*tuple[Any, ...]]:
    version = t.GridVersion
    community = aliased(t.GridVersion)

    def known(row: Any) -> Any:
        return and_(row.editions.contains(literal(edition_id)), row.valid.contains(literal(day)))

    return (
        select(
            t.Grid.code,
            t.Grid.level,
            version.name,
            version.name_en,
            version.kind,
            t.Grid.community_code,
            community.name.label("community"),
            community.name_en.label("community_en"),
            t.Grid.town_code,
            t.Division.name.label("town"),
            t.Division.name_en.label("town_en"),
            version.area_m2,
            version.geom.ST_AsBinary().label("geometry"),
        )
        .join(version, version.code == t.Grid.code)
        .outerjoin(community, and_(community.code == t.Grid.community_code, known(community)))
        .outerjoin(t.Division, t.Division.code == t.Grid.town_code)
        .where(known(version))
        .order_by(t.Grid.code)
    )


def _geo_frame(session: Session, query: Select[*tuple[Any, ...]]) -> gpd.GeoDataFrame:
    result = session.execute(query)
    frame = pd.DataFrame(result.all(), columns=list(result.keys()))
    geometry = shapely.from_wkb([bytes(wkb) for wkb in frame.pop("geometry")])
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(geometry, crs=STORAGE_CRS))


def _explain_nothing(session: Session, known: Edition, day: date, code: str | None) -> None:
    first = session.scalar(
        select(func.min(func.lower(t.GridVersion.valid))).where(
            t.GridVersion.editions.contains(literal(known.id))
        )
    )
    if first is not None and day < first:
        raise DayNotCoveredError(at=day.isoformat(), first=first.isoformat())
    if code is not None:
        raise lineage.explain_missing(session, code, day, edition=known.id)


def locate(session: Session, points: gpd.GeoSeries, *, limit_m: float) -> pd.DataFrame:
    """Give every point its level-two grid by SQL: the twin that `GridIndex.locate` is held to.

    Parameters
    ----------
    session : Session
    points : GeoSeries, shape (n,)
        Points in EPSG:4490.
    limit_m : float
        See `GridIndex.locate`.

    Returns
    -------
    DataFrame, shape (n,)
        As `GridIndex.locate` gives, for today's grids of the latest edition.
    """
    known = edition(session)
    srid = srid_of(known.measuring_crs)
    bound = {"edition": known.id, "day": today(), "metric_srid": srid}
    for statement in _STAGES:
        session.execute(text(statement), bound)
    rows = {"row": range(len(points)), "point": points.reset_index(drop=True)}
    asked = gpd.GeoDataFrame(rows, geometry="point")
    copy_frame(session, "asked", asked)
    session.execute(text("ANALYZE asked, level_two"))
    answers = session.execute(
        text(_LOCATE.read_text(encoding="utf-8")),
        {"metric_srid": srid, "limit_m": limit_m, "tie_m": TIE_M, "far_deg": FAR_DEG},
    ).all()
    session.execute(text("DROP TABLE asked, level_two"))
    columns = ["grid_code", "match", "distance_m"]
    found = pd.DataFrame(answers, columns=columns, dtype=object)
    return found.astype({"distance_m": float})


def outline(session: Session) -> gpd.GeoSeries:
    """Read the county's outline, EPSG:4490: one polygon, or none where it was never given."""
    query = select(t.Division.geom.ST_AsBinary()).where(
        func.length(t.Division.code) == BANNER_DIGITS, t.Division.geom.is_not(None)
    )
    return _geo_series(list(session.scalars(query)))


def streets(session: Session) -> gpd.GeoSeries:
    """Read the lines among the landmarks, EPSG:4490: what a map draws beneath its figures."""
    query = (
        select(t.Landmark.geom.ST_AsBinary())
        .where(t.Landmark.geom.ST_Dimension() == 1)
        .order_by(t.Landmark.external_id)
    )
    return _geo_series(list(session.scalars(query)))


def _geo_series(bodies: list[bytes]) -> gpd.GeoSeries:
    return gpd.GeoSeries(shapely.from_wkb([bytes(body) for body in bodies]), crs=STORAGE_CRS)


def believed(session: Session, at: date) -> gpd.GeoDataFrame:
    """Read the grids of a day as the newest edition knows them, whether it is in force or not.

    Returns
    -------
    GeoDataFrame
        As `grids` gives; empty where nothing is published or nothing for that day.
    """
    newest = session.scalar(select(func.max(t.Edition.id)))
    return _geo_frame(session, _versions(newest or 0, at))


def codes_used(session: Session, at: date | None = None) -> pd.DataFrame:
    """Read every level-two code ever given.

    Parameters
    ----------
    session : Session
    at : date, optional
        The day whose grids are kept where they are; today where not named.

    Returns
    -------
    DataFrame
        `code`, `external_id` of its compound, and `geometry`, EPSG:4490, where the newest edition
        knows the grid on that day; by code.
    """
    in_force = and_(
        t.GridVersion.code == t.Grid.code,
        func.upper_inf(t.GridVersion.editions),
        t.GridVersion.valid.contains(literal(at or today())),
    )
    rows = session.execute(
        select(t.Grid.code, t.Compound.external_id, t.GridVersion.geom.ST_AsBinary())
        .outerjoin(t.Compound, t.Compound.grid_code == t.Grid.code)
        .outerjoin(t.GridVersion, in_force)
        .where(t.Grid.level == 2)  # noqa: PLR2004 - the level's number
        .order_by(t.Grid.code, t.Compound.external_id)
    ).all()
    used = pd.DataFrame(rows, columns=["code", "external_id", "geometry"], dtype=object)
    used["geometry"] = _from_wkb(used["geometry"])
    return used


def compounds(session: Session) -> pd.DataFrame:
    """Read the compounds: `external_id`, `grid_code`, and `geometry`, EPSG:4490."""
    query = select(t.Compound.external_id, t.Compound.grid_code, t.Compound.geom.ST_AsBinary())
    rows = session.execute(query.order_by(t.Compound.external_id)).all()
    frame = pd.DataFrame(rows, columns=["external_id", "grid_code", "geometry"], dtype=object)
    frame["geometry"] = _from_wkb(frame["geometry"])
    return frame


def _from_wkb(bodies: pd.Series) -> Any:
    return shapely.from_wkb([None if body is None else bytes(body) for body in bodies])


def _edition(row: t.Edition) -> Edition:
    return Edition(
        id=row.id,
        title=row.title,
        valid_from=row.valid_from,
        published_at=row.published_at,
        synthetic=row.synthetic,
        attribution=row.attribution,
        note=row.note,
        measuring_crs=row.measuring_crs,
        took_effect_at=row.took_effect_at,
    )
