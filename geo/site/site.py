"""A site in a notebook: its grids, figures and addresses, as frames in and frames out.

It composes what the domains offer and adds no rule of its own: a point, an address or a month gets
here the answer that the command line and the service give.
"""

import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import geopandas as gpd
import pandas as pd
from pydantic import SecretStr
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.coverage import repository as months_with_data
from geo.coverage.figures import figures
from geo.crs import STORAGE_CRS
from geo.db import failures
from geo.db.engine import open_engine
from geo.errors import FrameError, NotFoundError
from geo.geocoding import service as geocoding
from geo.settings import Settings
from geo.site import given
from geo.site.given import Day, Month, NoTerritoryError, SiteClosedError
from geo.territory import repository as territory
from geo.territory.live import Territories
from geo.territory.model import Edition

_NAMES = ["name", "community", "town"]


def open_site(
    data: str | Path | None = None, database_url: str | None = None, **settings: Any
) -> "Site":
    """Open a site for reading; it is `geo.open`.

    The embedded database of a data folder is started where it does not run, and stopped by the
    last who leaves. A folder that holds none gets an empty one, as with the command line.

    Parameters
    ----------
    data : str or Path, optional
        Data folder, as after ``bannergrid --data``; names the embedded database whatever the
        environment says. Where neither is named, ``BANNERGRID_DATABASE_URL`` and
        ``BANNERGRID_DATA`` count, and their defaults.
    database_url : str, optional
        ``postgresql://…`` of a server of your own.
    **settings
        Other settings for this site, see `geo.settings.Settings`.

    Returns
    -------
    Site
        A context manager; without ``with`` it is closed by `Site.close`, when nothing refers to
        it any longer, or at the end of the program.

    Raises
    ------
    UnavailableError
        If the database cannot be reached or run, or its tables are of another version; the message
        says what to do.

    Examples
    --------
    >>> import geo
    >>> with geo.open(language="en") as site:
    ...     site.territory.title
    '首版网格'
    """
    chosen = dict(settings)
    if data is not None:
        chosen |= {"data": Path(data).expanduser().absolute(), "database_url": None}
    if database_url is not None:
        chosen["database_url"] = SecretStr(database_url)
    return Site(Settings(**chosen))


class Site:
    """One site's grids, months, households and addresses; see `open_site`.

    Each call reads one state of the database. What another program publishes or loads meanwhile is
    seen by the next call.

    Parameters
    ----------
    settings : Settings
        Where the database is, and what counts for figures and addresses.
    afterwards : callable, optional
        Called once the site is closed.

    Attributes
    ----------
    settings : Settings
    engine : Engine
        Of the database, for what wants one.

    Examples
    --------
    The examples of the methods have a `site` of two compounds side by side, one household in each.

    >>> site
    <Site '首版网格', 3 grids from 2024-01-01>
    """

    def __init__(
        self, settings: Settings, *, afterwards: Callable[[], object] = lambda: None
    ) -> None:
        self.settings = settings
        stack = ExitStack()
        stack.callback(afterwards)
        self.engine = stack.enter_context(open_engine(settings))
        self._territories = Territories(self.engine)
        self._gazetteers = geocoding.GeocoderCache(size=1)
        # Also when a notebook's kernel ends without a word.
        self._close = weakref.finalize(self, stack.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if not self._close.alive:
            return "<Site, closed>"
        try:
            count, known = len(self.grids()), self.territory
        except NotFoundError:
            return "<Site without grids>"
        return f"<Site {known.title!r}, {count} grids from {known.valid_from}>"

    def close(self) -> None:
        """Let go of the database; an embedded one stops where nobody else uses it."""
        self._close()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give a session for the functions of `geo.workflows` and others.

        What was written is committed at the end of the block, or nothing is.

        Yields
        ------
        Session

        Raises
        ------
        SiteClosedError
            If the site was closed.

        Examples
        --------
        >>> from geo.territory import repository
        >>> with site.session() as session:
        ...     [edition.id for edition in repository.editions(session)]
        [1]
        """
        with self._explained(), Session(self.engine) as session, session.begin():
            yield session

    @property
    def territory(self) -> Edition:
        """The newest edition of the grids: its number, title, first day, and who drew it.

        Raises
        ------
        NoTerritoryError
            If none is published.

        Examples
        --------
        >>> site.territory.id, site.territory.synthetic
        (1, True)
        """
        with self._reading() as session:
            return territory.edition(session)

    def grids(
        self,
        level: Literal[1, 2] | None = None,
        at: Day | None = None,
        *,
        bbox: tuple[float, float, float, float] | None = None,
    ) -> gpd.GeoDataFrame:
        """Read the grids of a day as the newest edition knows them.

        Parameters
        ----------
        level : {1, 2}, optional
            Communities or compounds; both where not named.
        at : date or str, optional
            The day, as ``"2026-10-31"``; today where not named.
        bbox : tuple of float, optional
            West, south, east, north in EPSG:4490; grids that touch it.

        Returns
        -------
        GeoDataFrame
            See `geo.frames.GRIDS`, in EPSG:4490, sorted by code.

        Raises
        ------
        NoTerritoryError, DayNotCoveredError
            If nothing is published, or nothing for that day.

        Examples
        --------
        >>> site.grids(level=2)[["code", "name", "community"]]
                      code   name community
        0  150625100001001  小区001     社区001
        1  150625100001002  小区002     社区001
        """
        with self._reading() as session:
            return territory.grids(session, level=level, at=given.day(at), bbox=bbox)

    def months(self) -> list[date]:
        """List the months that have visits, oldest first, each by its first day.

        Examples
        --------
        >>> site.months()
        [datetime.date(2026, 10, 1)]
        """
        with self._reading() as session:
            return months_with_data.months(session)

    def coverage(
        self, month: Month | None = None, level: Literal[1, 2] | None = None
    ) -> gpd.GeoDataFrame:
        """Read what may be published of a month, on today's grids.

        Parameters
        ----------
        month : str, date or Period, optional
            Any day of it, or ``"2026-10"``; the newest with data where not named.
        level : {1, 2}, optional
            Communities or compounds; both where not named.

        Returns
        -------
        GeoDataFrame
            See `geo.frames.FIGURES`, and the grids' polygons in EPSG:4490; sorted by code. Where
            nothing is known a rate is missing; of a place with too few households every figure
            is, and `hidden` is true.

        Raises
        ------
        MonthError
            If `month` is not a month.
        NoTerritoryError, NoMonthError, MonthWithoutDataError
            If there are no grids yet, no visits at all, or none of that month.

        Examples
        --------
        A place of one household says nothing of it:

        >>> site.coverage("2026-10", level=2)[["code", "hidden", "coverage"]]
                      code  hidden  coverage
        0  150625100001001    True       NaN
        1  150625100001002    True       NaN
        """
        with self._reading() as session:
            wanted = months_with_data.newest_month(session) if month is None else given.month(month)
            found = figures(session, month=wanted, level=level, settings=self.settings)
            shapes = territory.grids(session, level=level).set_index("code").geometry
        return gpd.GeoDataFrame(found, geometry=found["code"].map(shapes), crs=STORAGE_CRS)

    def locate(
        self,
        points: gpd.GeoSeries | gpd.GeoDataFrame,
        *,
        datum: str | None = None,
        at: Day | None = None,
    ) -> pd.DataFrame:
        """Give every point the level-two grid that holds it.

        A point on a shared border belongs to the grid whose code sorts first; one off all grids to
        the nearest within `settings.nearest_limit_m`.

        Parameters
        ----------
        points : GeoSeries or GeoDataFrame of points, shape (n,)
            In any CRS that PROJ knows. Missing and empty points get nothing.
        datum : {"gcj02", "bd09", "wgs84", "cgcs2000"}, optional
            Named when degrees are in a datum that PROJ does not know, as those of phones and of
            Amap (``gcj02``) or Baidu (``bd09``), or when the points state no CRS.
        at : date or str, optional
            The day whose grids are meant; today where not named.

        Returns
        -------
        DataFrame, shape (n,)
            `grid_code`, `name`, `community`, `town`, `match` ("inside" or "nearest") and
            `distance_m`, on the index of `points` and in their order; missing where no grid is
            near enough.

        Raises
        ------
        CrsError, DatumError
            If the points state no CRS and no datum is named, the CRS cannot be brought to degrees,
            or the datum is not known.
        FrameError
            If a plain table comes, or a geometry is not a point.
        NoTerritoryError, DayNotCoveredError
            If nothing is published, or nothing for that day.

        Examples
        --------
        >>> import geopandas as gpd
        >>> places = gpd.GeoSeries.from_xy(
        ...     [108.7305, 108.7315], [39.8405, 39.8405], index=["here", "there"], crs="EPSG:4326"
        ... )
        >>> site.locate(places)[["grid_code", "name", "match"]]
                     grid_code   name   match
        here   150625100001001  小区001  inside
        there  150625100001002  小区002  inside
        >>> site.locate(places.to_crs("EPSG:3857"))["grid_code"].tolist()
        ['150625100001001', '150625100001002']
        """
        asked = given.points(points, datum)
        with self._reading() as session:
            there = self._territories.on(session, given.day(at) or today())
        spots = asked.to_numpy()
        found = there.index.locate(spots, limit_m=self.settings.nearest_limit_m)
        named = there.names[_NAMES].reindex(found["grid_code"]).reset_index(drop=True)
        both = pd.concat([found[["grid_code"]], named, found[["match", "distance_m"]]], axis=1)
        return both.set_index(points.index)

    def geocode(self, addresses: pd.Series | Iterable[str | None] | str) -> gpd.GeoDataFrame:
        """Find the place of every address, with a probability and whether it is certain enough.

        Parameters
        ----------
        addresses : Series of str, or list, shape (n,); one str
            As people write them; what is no text gets the level "none".

        Returns
        -------
        GeoDataFrame, shape (n,)
            On the index of `addresses` and in their order; a list gets a range index. The columns
            of `geo.geocoding.geocoder.Geocoder.geocode`, among them `level`, `household_id`,
            `grid_code`, `probability`, `grid_probability` and `faults`; `accepted`, `match` and
            `distance_m` of `geo.geocoding.service.with_acceptance`; and the point in EPSG:4490,
            missing where there is none.

        Raises
        ------
        FrameError
            If a whole table is given.
        NoTerritoryError
            If nothing is published.

        Examples
        --------
        >>> import pandas as pd
        >>> asked = pd.Series(["小区002", None], index=["x", "y"])
        >>> site.geocode(asked)[["level", "grid_code"]]
              level        grid_code
        x  compound  150625100001002
        y      none              NaN
        """
        if isinstance(addresses, pd.DataFrame):
            raise FrameError(
                frame="geocode(…)",
                problem_zh='收到的是整张表，请只给地址一列，例如 site.geocode(表["地址"])。',
                problem="a whole table came; give its column of addresses, as "
                'site.geocode(frame["address"]).',
            )
        listed = [addresses] if isinstance(addresses, str) else addresses
        series = listed if isinstance(listed, pd.Series) else pd.Series(list(listed), dtype=object)
        texts = [each if isinstance(each, str) else None for each in series]
        with self._reading() as session:
            loaded = self._gazetteers.get(session, settings=self.settings)
        found = geocoding.located(loaded, texts, settings=self.settings).set_index(series.index)
        return given.at_points(found)

    def households(self) -> gpd.GeoDataFrame:
        """Read the households that are registered today; nobody's name is among it.

        Returns
        -------
        GeoDataFrame
            `external_id`, `building_id`, `unit`, `room`, `grid_code` and the point in EPSG:4490;
            sorted by `external_id`.

        Raises
        ------
        NoTerritoryError
            If nothing is published.

        Examples
        --------
        >>> site.households()[["external_id", "grid_code"]]
          external_id        grid_code
        0          a1  150625100001001
        1          b1  150625100001002
        """
        with self._reading() as session:
            loaded = self._gazetteers.get(session, settings=self.settings)
        return given.at_points(loaded.places.households).drop(columns=["longitude", "latitude"])

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        """Give a session that sees one state of the database, and has grids."""
        with self._explained(), Session(self.engine) as session:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            if not territory.editions(session):
                named = self.settings.database_url
                where = self.settings.data if named is None else self.engine.url.database
                raise NoTerritoryError(where=where)
            yield session

    @contextmanager
    def _explained(self) -> Iterator[None]:
        if not self._close.alive:
            raise SiteClosedError
        with failures.explained(self.engine):
            yield
