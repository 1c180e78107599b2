"""Map pages for whoever asks: read what a picture needs, and have `layers` draw it.

The service and `bannergrid render` both come here, so a file and a screen show the same.
"""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from geo.calendar import today
from geo.coverage import repository as coverage
from geo.coverage.figures import figures as read_figures
from geo.coverage.heat import visit_cells
from geo.errors import Language
from geo.settings import Settings
from geo.territory import repository as territory
from layers.folium_maps import coverage_map
from layers.heatmaps import visit_map
from layers.page import Assets


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
    shared = _shared(session, edition, language, assets)
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
    shared = _shared(session, edition, language, assets)
    least = settings.min_households
    cells = visit_cells(session, month=month, cell_m=settings.heat_cell_m, min_households=least)
    return visit_map(cells, shared.pop("grids"), month=month, min_households=least, **shared)


def _shared(
    session: Session, edition: int | None, language: Language, assets: Assets
) -> dict[str, Any]:
    known = territory.edition(session, edition)
    return {
        "grids": territory.grids(session, edition=known.id),
        "attribution": known.attribution,
        "synthetic": known.synthetic,
        "edition": known.title,
        "as_of": today(),
        "language": language,
        "assets": assets,
        "outline": territory.outline(session),
        "streets": territory.streets(session),
    }
