"""Heat maps in every form: rasters of density and ratio, their words and legends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import FrameError, Language
from layers import density, legends, styles
from layers.density import Floats, Window
from layers.options import check_grids, check_option

BANDWIDTH_M = 200.0


# Of what households each quantity is a part, where the cells count them apart from all.
BASES = {"visits": "eligible", "gaps": "eligible", "incidents": "households"}


# What is only known of households whose organisations have handed in.
HANDED_IN = ("visits", "gaps")


PER = {"visits": 1, "gaps": 100, "incidents": 100}


@dataclass(frozen=True)
class Heat:
    """The rasters of one month: a density and a ratio for each window, in their order."""

    cells: int
    total: int
    density: list[Floats]
    ratio: list[Floats]


def rasters_of(
    months: Mapping[date, gpd.GeoDataFrame],
    grids: gpd.GeoDataFrame,
    *,
    quantity: str,
    bandwidth_m: float = BANDWIDTH_M,
    min_households: int = 5,
    finest: int = density.SPLITS[0],
) -> tuple[list[Window], dict[date, Heat]]:
    """Give the densities and ratios of one quantity, month by month, on the same rasters.

    Parameters
    ----------
    months : mapping of date to GeoDataFrame, at least one
        Cells of each month: squares in EPSG:4490, `households`, the quantity and optionally
        `eligible` and `unknown` (households that were to be visited, of which something is known,
        or nothing); `attrs["cell_m"]`. Cells under `min_households` must be gone already; one that
        is not is refused, unless `attrs["spread"]`.
    grids : GeoDataFrame
        As `geo.frames.GRIDS`. EPSG:4490.
    quantity : {"visits", "gaps", "incidents"}
    bandwidth_m : float
        Standard deviation of the kernel, at least the side of a cell.
    min_households : int
    finest : {8, 4, 2, 1}
        Most pixels along a cell.

    Returns
    -------
    list of Window
    dict of date to Heat
        By month ascending. Densities per hectare; ratios per household (visits) or per 100.

    Raises
    ------
    CrsError, FrameError, BandwidthError, MapOptionError
        See `layers.density.check_cells`; or `quantity` is none, or cells differ in size.
    """
    check_option("quantity", quantity, styles.HEAT)
    check_grids(grids)
    checks: dict[str, Any] = {"min_households": min_households, "bandwidth_m": bandwidth_m}
    sides = {density.check_cells(cells, [quantity], **checks) for cells in months.values()}
    if len(sides) > 1:
        raise FrameError(
            frame="cells",
            problem=f"months have cells of {sorted(sides)} m; take one size for all",
            problem_zh=f"各月方格边长不一（{sorted(sides)} 米），请统一",
        )
    frames = [months[month][["geometry"]] for month in sorted(months)]
    every = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=grids.crs)
    every.attrs = {
        "cell_m": sides.pop(),
        "spread": all(cells.attrs.get("spread") for cells in months.values()),
    }
    windows = density.windows(every, grids, bandwidth_m=bandwidth_m, finest=finest)
    smoothers = [density.Smoother(window, bandwidth_m=bandwidth_m) for window in windows]
    return windows, {
        month: _heat(months[month], smoothers, quantity, bandwidth_m, min_households)
        for month in sorted(months)
    }


def _heat(
    cells: gpd.GeoDataFrame,
    smoothers: list[density.Smoother],
    quantity: str,
    bandwidth_m: float,
    min_households: int,
) -> Heat:
    base = BASES[quantity] if BASES[quantity] in cells.columns else "households"
    enough: dict[str, Any] = {"bandwidth_m": bandwidth_m, "min_households": min_households}
    names = [quantity, base]
    if quantity in HANDED_IN and {"eligible", "unknown"} <= set(cells.columns):
        names.append("unknown")
    parts, ratios = [], []
    for smoother in smoothers:
        part, whole, *unknown = smoother.densities(cells, names)
        share = PER[quantity] * density.ratio(part, whole, **enough)
        for silent in unknown:
            # Where most is unknown, no density says that nobody was there, nor a ratio.
            part[silent > whole] = share[silent > whole] = np.nan
        parts.append(part)
        ratios.append(share)
    return Heat(len(cells), round(float(cells[quantity].sum())), parts, ratios)


def heat_words(
    quantity: str,
    language: Language,
    *,
    months: Mapping[date, gpd.GeoDataFrame],
    bandwidth_m: float,
    min_households: int,
) -> dict[str, str]:
    """Give the texts of a heat map with bandwidth, cell and the least households filled in."""
    last = max(months)
    words = {
        **styles.texts("heat", language),
        **styles.style(f"heat_{quantity}").words[language],
    }
    note = words["legend_note"].format(
        bandwidth_m=f"{bandwidth_m:g}",
        cell_m=f"{months[last].attrs['cell_m']:g}",
        min_households=min_households,
        year=styles.style(f"heat_{quantity}", last.year).year,
    )
    return {**words, "legend_note": note}


def heat_forms(quantity: str, year: int, words: dict[str, str]) -> list[dict[str, Any]]:
    """Name what a heat map can show, density then ratio, each with its legend."""
    chosen = styles.style(f"heat_{quantity}", year)
    breaks = {"density": chosen.breaks, "ratio": chosen.ratio_breaks}
    return [
        {
            "name": name,
            "label": words[f"form_{name}"],
            "title": words[f"{prefix}title"],
            "subtitle": words[f"{prefix}subtitle"],
            "unit": words[f"{prefix}unit"],
            "legend": legends.as_data(legends.number_legend(breaks[name], chosen.colours, words)),
        }
        for name, prefix in (("density", ""), ("ratio", "ratio_"))
    ]
