"""Maps, the report, the map book, tables of figures: read what each needs, have it drawn.

The service and the command line both come here, so that a file and a screen show the same.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from api.products.measured import Progress, measured, wide
from geo.calendar import today
from geo.coverage import repository as coverage
from geo.coverage.figures import figures as read_figures
from geo.coverage.heat import visit_cells
from geo.errors import Language
from geo.people import facts
from geo.people import repository as people
from geo.settings import Settings
from geo.territory import repository as territory
from geo.territory.files import provenance_columns
from layers.files import exports
from layers.options import check_option
from layers.pages import report
from layers.pages.coverage_page import coverage_map
from layers.pages.page import Assets
from layers.pages.visits_page import visit_map
from layers.paper import book as books
from layers.paper import grid_sheet, sheet
from layers.styles import MEASURES

MONTHS = 24


def months_up_to(session: Session, month: date | None, count: int = MONTHS) -> list[date]:
    """List months that have data, oldest first: one and those before it.

    Parameters
    ----------
    session : Session
    month : date, optional
        The last of them; the newest with data where none is named.
    count : int
        How many at most.

    Raises
    ------
    NoMonthError, MonthWithoutDataError
        If there is no data at all, or none of `month`.
    """
    last = month or coverage.newest_month(session)
    coverage.refuse_without_data(session, last)
    return [one for one in coverage.months(session) if one <= last][-count:]


def coverage_page(
    session: Session,
    *,
    settings: Settings,
    month: date | None,
    level: int,
    language: Language,
    assets: Assets = "service",
    edition: int | None = None,
) -> str:
    """Draw the share of households reached in a month, both levels.

    Parameters
    ----------
    session : Session
    settings : Settings
        What is too small to be published counts here.
    month : date, optional
        First day of the month; the newest with data where none is named.
    level : {1, 2}
        Which level is shown first.
    language : {"zh", "en"}
    assets : {"service", "inline"}
        Whether Leaflet comes from the service or inside the page.
    edition : int, optional
        Edition of the grids; the latest where none is named.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    EditionNotFoundError, MonthWithoutDataError
        If nothing is published, or no visit has arrived for the month.
    """
    month = month or coverage.newest_month(session)
    shared = shared_by_maps(session, edition, language) | {"assets": assets}
    figures = read_figures(session, month=month, settings=settings)
    return coverage_map(shared.pop("grids"), figures, month=month, level=level, **shared)


def visit_page(
    session: Session,
    *,
    settings: Settings,
    month: date | None,
    language: Language,
    assets: Assets = "service",
    edition: int | None = None,
) -> str:
    """Draw the visits of a month by square cell; cells with few households are left out.

    Parameters and errors as for `coverage_page`; `settings` gives the size of the cells too.
    """
    month = month or coverage.newest_month(session)
    shared = shared_by_maps(session, edition, language) | {"assets": assets}
    least = settings.min_households
    cells = visit_cells(session, month=month, cell_m=settings.heat_cell_m, min_households=least)
    return visit_map(cells, shared.pop("grids"), month=month, min_households=least, **shared)


def grids_page(
    session: Session,
    *,
    settings: Settings,
    measure: str,
    month: date,
    level: int = 2,
    language: Language,
    edition: int | None = None,
) -> str:
    """Draw the choropleth of a measure as a page that carries all it needs.

    Parameters
    ----------
    session : Session
    settings : Settings
    measure : str
        One of `layers.styles.MEASURES`.
    month : date
    level : {1, 2}
        Which is shown first.
    language : {"zh", "en"}
    edition : int, optional
        The latest where none is named.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    EditionNotFoundError, MonthWithoutDataError, MapOptionError
        If nothing is published or has arrived, or an option is none.
    """
    shared = shared_by_maps(session, edition, language)
    found = _of_measure(session, settings, measure, month)
    return report.report(shared.pop("grids"), found, month=month, level=level, **shared)


def grids_picture(  # noqa: PLR0913 - one keyword for each choice
    session: Session,
    *,
    settings: Settings,
    measure: str,
    month: date,
    level: int = 2,
    language: Language,
    kind: str = "png",
    paper: sheet.Paper = "A4",
    edition: int | None = None,
    spots: Mapping[str, str] | None = None,
) -> bytes:
    """Draw a measure on one sheet, as PNG or PDF (`kind`); else as for `grids_page`.

    With `spots`, code to "cold" or "hot", it is a sheet of those: see `layers.paper.grid_sheet`.
    """
    shared = shared_by_maps(session, edition, language)
    pdf = grid_sheet.grid_sheet(
        shared.pop("grids"),
        _of_measure(session, settings, measure, month),
        measure=measure,
        month=month,
        level=level,
        paper=paper,
        spots=spots,
        **{name: value for name, value in shared.items() if name != "outline"},
    )
    return pdf if kind == "pdf" else sheet.to_png(pdf)


def _of_measure(session: Session, settings: Settings, measure: str, month: date) -> pd.DataFrame:
    check_option("measure", measure, MEASURES)
    found = measured(session, months=[month], settings=settings)
    return found.loc[found["measure"] == measure]


def report_page(
    session: Session,
    *,
    settings: Settings,
    months: Sequence[date],
    language: Language,
    edition: int | None = None,
    measure: str | None = None,
    progress: Progress = lambda _done, _months: None,
) -> str:
    """Write the one-file report of the last of some months.

    Parameters
    ----------
    session : Session
    settings : Settings
    months : sequence of date
        As `months_up_to` gives them.
    language : {"zh", "en"}
    edition : int, optional
        The latest where none is named.
    measure : str, optional
        The only one wanted; all where none is named.
    progress : callable
        Told after each month how many are read, of how many.

    Returns
    -------
    str
        HTML.
    """
    shared = shared_by_maps(session, edition, language)
    found = measured(session, months=months, settings=settings, progress=progress)
    if measure is not None:
        found = found.loc[found["measure"] == measure]
    return report.report(shared.pop("grids"), found, month=months[-1], **shared)


def book_pdf(
    session: Session,
    *,
    settings: Settings,
    month: date,
    language: Language,
    paper: sheet.Paper = "A4",
    edition: int | None = None,
    progress: Progress = lambda _done, _pages: None,
) -> bytes:
    """Draw the map book of a month as PDF; `progress` is told after each page."""
    shared = shared_by_maps(session, edition, language)
    last_day = month.replace(day=monthrange(month.year, month.month)[1])
    grids = shared.pop("grids")
    return books.book(
        grids,
        measured(session, months=[month], settings=settings),
        month=month,
        answers=answers(session, grids, on=min(last_day, today()), language=language),
        paper=paper,
        progress=progress,
        **shared,
    )


def answers(
    session: Session, grids: gpd.GeoDataFrame, *, on: date, language: Language
) -> pd.DataFrame | None:
    """List who answers for each grid on a day, and which of these posts are vacant.

    Members are left out: they help, they do not answer.

    Returns
    -------
    DataFrame or None
        As `layers.paper.book.ANSWERS`, in the order of the posts; None where no post is on record.
    """
    held = people.holders(session, on=on)
    if held.empty:
        return None
    posts = [post for post in facts.posts().values() if post.single]
    wanted = pd.concat(
        [
            grids.loc[grids["level"].isin(post.levels), ["code"]].assign(role=post.role, nth=nth)
            for nth, post in enumerate(posts)
        ]
    ).rename(columns={"code": "grid_code"})
    columns = ["grid_code", "role", "holder", "organisation"]
    beside = wanted.merge(held[columns], on=["grid_code", "role"], how="left")
    beside["post"] = beside["role"].map(
        {post.role: post.zh if language == "zh" else post.en for post in posts}
    )
    beside["holder"] = beside["holder"].fillna("空缺" if language == "zh" else "vacant")
    ordered: pd.DataFrame = beside.sort_values(["grid_code", "nth"], ignore_index=True)
    return ordered


def figures(
    session: Session,
    *,
    settings: Settings,
    months: Sequence[date],
    language: Language,
    edition: int | None = None,
    progress: Progress = lambda _done, _months: None,
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Read every figure of some months as a wide table, with the grids that it is of.

    See `layers.files.exports.table` and `layers.files.exports.write`.
    """
    known = territory.edition(session, edition)
    found = wide(session, months=months, settings=settings, progress=progress)
    return exports.table(found, provenance_columns(known, language)), territory.grids(
        session, edition=known.id
    )


def shared_by_maps(session: Session, edition: int | None, language: Language) -> dict[str, Any]:
    """Read what stands on every map: grids, ground, edition, source."""
    known = territory.edition(session, edition)
    return {
        "grids": territory.grids(session, edition=known.id),
        "attribution": known.attribution,
        "synthetic": known.synthetic,
        "edition": known.title,
        "as_of": today(),
        "language": language,
        "outline": territory.outline(session),
        "streets": territory.streets(session),
    }
