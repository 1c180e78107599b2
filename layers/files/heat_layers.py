"""The heat map of a month as pictures over its towns, for a web map that brings its own ground."""

from datetime import date
from typing import Any

import geopandas as gpd

from layers import places, styles
from layers.files import rasters
from layers.heat import BANDWIDTH_M, rasters_of


def heat_layers(
    cells: gpd.GeoDataFrame,
    grids: gpd.GeoDataFrame,
    *,
    month: date,
    quantity: str,
    bandwidth_m: float = BANDWIDTH_M,
    min_households: int = 5,
) -> dict[str, Any]:
    """Paint densities and ratios of a month, with what is needed to say what their colours mean.

    Parameters
    ----------
    cells, grids, quantity, bandwidth_m, min_households
        As for `layers.heat.rasters_of`, of one month.
    month : date
        Any day of it: class breaks are those of its year.

    Returns
    -------
    dict
        `forms` (of each, `breaks`, `colours`, `words` by language) and `towns`, each with `code`,
        `name`, `bounds` (west, south, east, north in degrees) and a picture of each form: a PNG in
        base 64, clear where nothing is painted, rows even in Web Mercator.

    Raises
    ------
    CrsError, FrameError, BandwidthError, MapOptionError
        As `rasters_of` does.
    """
    windows, heats = rasters_of(
        {month: cells},
        grids,
        quantity=quantity,
        bandwidth_m=bandwidth_m,
        min_households=min_households,
    )
    heat, style = heats[month], styles.style(f"heat_{quantity}", month.year)
    breaks = {"density": style.breaks, "ratio": style.ratio_breaks}
    layers = {"density": heat.density, "ratio": heat.ratio}
    names = places.towns(grids)["name"]
    towns = []
    for place, window in enumerate(windows):
        painter = rasters.Painter(window)
        (south, west), (north, east) = painter.bounds
        pictures = {
            form: painter.picture(
                layers[form][place], breaks=breaks[form], colours=style.colours
            ).partition(",")[2]
            for form in breaks
        }
        bounds = [west, south, east, north]
        towns.append(
            {"code": window.town, "name": names[window.town], "bounds": bounds, **pictures}
        )
    return {"forms": {form: _form(style, form, breaks[form]) for form in breaks}, "towns": towns}


def _form(style: styles.Style, form: str, breaks: tuple[float, ...]) -> dict[str, Any]:
    prefix = "" if form == "density" else "ratio_"
    own = ("title", "subtitle", "unit")
    classes = ("class_first", "class_middle", "class_last")
    return {
        "breaks": list(breaks),
        "colours": list(style.colours),
        "words": {
            language: {
                **{name: words[f"{prefix}{name}"] for name in own},
                **{name: words[name] for name in classes},
            }
            for language, words in style.words.items()
        },
    }
