"""Heat maps in each form: read the cells, have them drawn. Others: `api.products.pictures`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import geopandas as gpd
from sqlalchemy.orm import Session

from api.products.measured import Progress
from api.products.pictures import shared_by_maps
from geo.coverage.heat import cell_shares, heat_cells
from geo.errors import Language
from geo.settings import Settings
from geo.territory import repository as territory
from layers.density import SPLITS
from layers.files import heat_layers as layers_of_heat
from layers.files import rasters
from layers.heat import BANDWIDTH_M, rasters_of
from layers.pages.heat_page import heat_map
from layers.pages.page import Assets
from layers.paper import heat_sheet, sheet

GEOTIFF_SPLIT = SPLITS[1]  # a raster over all towns of a banner: pixels twice as large


def cells_of(
    session: Session,
    months: Sequence[date],
    settings: Settings,
    progress: Progress = lambda _done, _months: None,
) -> dict[date, gpd.GeoDataFrame]:
    """Read the cells of months; `progress` is told after each."""
    size: dict[str, Any] = {
        "cell_m": settings.heat_cell_m,
        "min_households": settings.min_households,
    }
    cells, shares = {}, cell_shares(session, **size)
    for done, month in enumerate(months, start=1):
        cells[month] = heat_cells(session, month=month, shares=shares, **size)
        progress(done, len(months))
    return cells


def heat_page(
    session: Session,
    cells: dict[date, gpd.GeoDataFrame],
    *,
    settings: Settings,
    quantity: str,
    language: Language,
    bandwidth_m: float = BANDWIDTH_M,
    assets: Assets = "service",
    edition: int | None = None,
) -> str:
    """Draw a heat map as a page, with a time-lapse where there are several months.

    Parameters
    ----------
    session : Session
    cells : dict
        As `cells_of` gives them.
    settings : Settings
    quantity : {"visits", "gaps", "incidents"}
    language : {"zh", "en"}
    bandwidth_m : float
    assets : {"service", "inline"}
    edition : int, optional
        The latest where none is named.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    EditionNotFoundError, BandwidthError, MapOptionError, FrameError
        If nothing is published, or an option is none.
    """
    shared = shared_by_maps(session, edition, language)
    return heat_map(
        cells,
        shared.pop("grids"),
        quantity=quantity,
        bandwidth_m=bandwidth_m,
        min_households=settings.min_households,
        assets=assets,
        **shared,
    )


def heat_layers(
    session: Session,
    cells: dict[date, gpd.GeoDataFrame],
    *,
    settings: Settings,
    quantity: str,
    bandwidth_m: float = BANDWIDTH_M,
) -> dict[str, Any]:
    """Paint the last of some months for the map viewer; else as `heat_page`.

    See `layers.files.heat_layers.heat_layers`; with what it was made of and how.
    """
    known, month = territory.edition(session), max(cells)
    painted = layers_of_heat.heat_layers(
        cells[month],
        territory.grids(session, edition=known.id),
        month=month,
        quantity=quantity,
        bandwidth_m=bandwidth_m,
        min_households=settings.min_households,
    )
    return {
        "month": f"{month:%Y-%m}",
        "of": quantity,
        "bandwidth_m": bandwidth_m,
        "cell_m": settings.heat_cell_m,
        "min_households": settings.min_households,
        "edition": known.id,
        "synthetic": known.synthetic,
        "attribution": known.attribution,
        **painted,
    }


def heat_picture(  # noqa: PLR0913 - one keyword for each choice
    session: Session,
    cells: dict[date, gpd.GeoDataFrame],
    *,
    settings: Settings,
    quantity: str,
    form: str,
    language: Language,
    kind: str = "png",
    town: str | None = None,
    paper: sheet.Paper = "A4",
    bandwidth_m: float = BANDWIDTH_M,
    edition: int | None = None,
) -> bytes:
    """Draw the last of some months on one sheet, as PNG or PDF; else as for `heat_page`.

    Parameters
    ----------
    form : {"density", "ratio"}
    kind : {"png", "pdf"}
    town : str, optional
        Code of the town; the seat where none is named.
    paper : {"A4", "A3"}

    Raises
    ------
    TownNotFoundError
        If no cell lies in the town.
    """
    shared = shared_by_maps(session, edition, language)
    month = max(cells)
    pdf = heat_sheet.heat_sheet(
        cells[month],
        shared.pop("grids"),
        month=month,
        quantity=quantity,
        form=form,
        town=town,
        paper=paper,
        bandwidth_m=bandwidth_m,
        min_households=settings.min_households,
        **{name: value for name, value in shared.items() if name != "outline"},
    )
    return pdf if kind == "pdf" else sheet.to_png(pdf)


def heat_geotiff(  # noqa: PLR0913 - one keyword for each choice
    session: Session,
    cells: dict[date, gpd.GeoDataFrame],
    *,
    settings: Settings,
    quantity: str,
    form: str,
    language: Language,
    town: str | None = None,
    bandwidth_m: float = BANDWIDTH_M,
    edition: int | None = None,
) -> bytes:
    """Write the density or ratio of the last of some months as GeoTIFF; else as `heat_picture`.

    Raises
    ------
    TownNotFoundError, RasterTooLargeError
        If no cell lies in the town, or none is named and the towns lie too far apart.
    """
    known = territory.edition(session, edition)
    month = max(cells)
    windows, heats = rasters_of(
        {month: cells[month]},
        territory.grids(session, edition=known.id),
        quantity=quantity,
        bandwidth_m=bandwidth_m,
        min_households=settings.min_households,
        finest=GEOTIFF_SPLIT,
    )
    layers = heats[month].density if form == "density" else heats[month].ratio
    places = heat_sheet.places_of_town(windows, town)
    values, window = rasters.mosaic([windows[i] for i in places], [layers[i] for i in places])
    notes = heat_sheet.notes_of(
        cells[month],
        month=month,
        quantity=quantity,
        form=form,
        language=language,
        bandwidth_m=bandwidth_m,
        min_households=settings.min_households,
    )
    said = {"source": known.attribution, "edition": known.title, "synthetic": str(known.synthetic)}
    return rasters.geotiff(values, window, notes={**notes, **said})
