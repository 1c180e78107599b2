"""Files of points, or of addresses, routed: on one machine by several processes, or on many."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geo.crs import DATUMS
from geo.errors import DatumError, InputError, Language
from geo.files import reading
from geo.files.datums import datum_of_headings
from geo.files.headings import fold
from geo.files.model import Chunk, Kind, Source
from geo.files.parallel import Work
from geo.geocoding import service
from geo.geocoding.service import Read
from geo.routing import columns, days, questions, repository
from geo.routing.answers import Answer, Gazetteer, State, answer, columns_of
from geo.routing.batch_options import BatchColumns, BatchOptions
from geo.routing.columns import Columns
from geo.routing.coordinates import check_geometry
from geo.routing.live import Routers
from geo.settings import Settings
from geo.territory import saved
from geo.territory.live import Territories

CHUNK_ROWS = 20_000
# Reading addresses takes a hundred times as long as looking up points.
ADDRESS_ROWS = 2_000


@dataclass(frozen=True)
class RouteRequest:
    """What is wanted of a file.

    Parameters
    ----------
    datum : str
        Of its coordinates.
    named : mapping of str to str or None
        See `geo.routing.columns.find`.
    at : date, optional
        The day of all rows; else the column of days says, else it is today.
    language : {"zh", "en"}
        Of problems.
    addressed : bool
        Rows without coordinates may have an address.
    """

    datum: str
    named: Mapping[str, str | None]
    at: date | None
    language: Language
    addressed: bool = True

    def __post_init__(self) -> None:
        if self.datum not in DATUMS:
            raise DatumError(got=self.datum, known=", ".join(DATUMS))


class DatumNeededError(InputError):
    """A file has coordinates and nobody said in which datum."""

    code = "datum.unnamed"
    zh = (
        "请用 --datum 写明坐标基准，取其一：{known}"
        "（手机和高德、腾讯地图为 gcj02，百度为 bd09，测绘成果多为 cgcs2000，GPS 为 wgs84）。"
    )
    en = (
        "Name the datum of the coordinates with --datum, one of: {known} (phones, Amap and Tencent "
        "give gcj02, Baidu bd09, surveys mostly cgcs2000, GPS wgs84)."
    )


def wish_of(
    datum: str | None, named: Mapping[str, str | None], at: date | None, language: Language
) -> RouteRequest:
    """Give a wish of which the datum was named.

    Raises
    ------
    DatumNeededError, DatumError
        If it was not, or is none of the four.
    """
    if datum is None:
        raise DatumNeededError(known=", ".join(DATUMS))
    return RouteRequest(datum, named, at, language)


def known(wish: RouteRequest) -> frozenset[str]:
    """Give the folded headings by which the row of headings, or the sheet, is chosen."""
    usual = [heading for headings in columns.usual().values() for heading in headings]
    named = filter(None, wish.named.values())
    return frozenset(map(fold, (*usual, *columns.NAMED, *named)))


def columns_in(source: Source, wish: RouteRequest) -> Columns:
    """Find the columns of a file that was looked through.

    Raises
    ------
    NamedColumnError, PointsMissingError, ColumnTwiceError
        See `geo.routing.columns.find`.
    GeometryEncodingError, CrsError
        See `geo.routing.coordinates.check_geometry`.
    DatumContradictedError, DatumsMixedError
        If headings name another datum than the wish, or several.
    """
    found = columns.find(
        source.headings,
        wish.named,
        file=source.path.name,
        geometry=source.geometry,
        datum=wish.datum,
        dated=wish.at is None,
        addressed=wish.addressed,
    )
    if found.geometry is not None:
        check_geometry(source, wish.datum)
    else:
        written = [found.called(part) for part in columns.PLACE if part in found.taken]
        datum_of_headings(written, wish.datum, file=source.path.name)
    return found


def days_in(sources: Sequence[Source], found: Columns) -> set[date]:
    """Give the days that stand in the column of days; none without one."""
    if found.at is None:
        return set()
    return set().union(*(days.distinct(source, found.at) for source in sources))


def days_of_part(source: Source, *, found: Columns) -> set[date]:
    """Give the days that stand in a part of a file."""
    return days_in([source], found)


def state_for(
    engine: Engine,
    source: Source,
    found: Columns,
    wish: RouteRequest,
    *,
    named_days: set[date],
    today: date,
    kind: Kind,
    settings: Settings,
) -> State:
    """Read from the database what the rows of a file are answered with.

    Parameters
    ----------
    engine : Engine
    source : Source
        The file, or the first of several.
    found : Columns
        Its columns.
    wish : RouteRequest
    named_days : set of date
        Those of its column of days.
    today : date
    kind : str
        Of the file to write.
    settings : Settings

    Returns
    -------
    State

    Raises
    ------
    EditionNotFoundError, DayNotCoveredError
        If no territory is published, or none for the day that is named.
    """
    day = wish.at or today
    territories = Territories(engine, folder=saved.folder(settings))
    live = Routers(engine, territories, limit_m=settings.nearest_limit_m)
    snapshot = engine.execution_options(isolation_level="REPEATABLE READ")
    with Session(snapshot) as session:
        if found.at is None:
            territories.on(session, day)
        categories = repository.categories(session)
        routers = days.routers(live, session, {*named_days, day, today})
        gazetteer = None
        if found.address is not None:
            gazetteer = Gazetteer(service.load(session, settings=settings), settings)
    return State(
        routers=routers,
        options=BatchOptions(source, found, wish.datum, None, categories, day, wish.language),
        today=today,
        gazetteer=gazetteer,
        points=kind == "geoparquet" and source.geometry is None,
    )


def columns_out(state: State) -> tuple[str, ...]:
    """Give the columns that stand beside the rows of a file."""
    accuracy = state.options.columns.accuracy_m is not None
    return columns_of(accuracy=accuracy, points=state.points)


def chunk_rows(found: Columns) -> int:
    """Give how many rows a chunk has."""
    return CHUNK_ROWS if found.address is None else ADDRESS_ROWS


def chunks(sources: Sequence[Source], rows: int) -> Iterator[Chunk]:
    """Read files one after the other."""
    for source in sources:
        yield from reading.chunks(source, rows=rows)


@dataclass(frozen=True)
class Seed:
    """What another process is given: a state without what it can make by itself."""

    state: State
    read: Read | None
    settings: Settings | None


def work(state: State) -> Work[Seed, State, BatchColumns, Answer]:
    """Say what is done with the chunks of a file."""
    if state.gazetteer is None:
        return Work(Seed(state, None, None), start, answer)
    loaded = state.gazetteer.loaded
    read = Read(loaded.edition, loaded.revision, loaded.places, loaded.grids)
    seed = Seed(replace(state, gazetteer=None), read, state.gazetteer.settings)
    return Work(seed, start, answer)


def start(seed: Seed) -> State:
    """Make what answers, in another process."""
    if seed.read is None or seed.settings is None:
        return seed.state
    gazetteer = Gazetteer(service.ready(seed.read), seed.settings)
    return replace(seed.state, gazetteer=gazetteer)


def asks(found: Columns) -> Any:
    """Give the function that says what has to be known of a chunk."""
    return partial(questions.batch_columns, columns=found)
