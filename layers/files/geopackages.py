"""Figures as GeoPackages: a layer a level, the dictionary as a table; undated."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from geo.frames import GRIDS, check

# GDAL writes into a GeoPackage when it was changed: when is no part of what it says.
MADE_AT = "2000-01-01T00:00:00.000Z"
_OPTION = "OGR_CURRENT_DATE"


def write(table: pd.DataFrame, explained: pd.DataFrame, out: Path, grids: gpd.GeoDataFrame) -> None:
    """Write figures with the borders of their grids.

    Parameters
    ----------
    table : DataFrame
        With `code`, `level` and `month`; what has no border is left out.
    explained : DataFrame, shape (n, 3)
        The dictionary.
    out : Path
    grids : GeoDataFrame
        As `geo.frames.GRIDS`. EPSG:4490.

    Raises
    ------
    CrsError, FrameError
        If `grids` is not as promised.
    """
    check(grids, GRIDS)
    borders = grids.set_index("code").geometry
    with_days = table.assign(month=[f"{one:%Y-%m-%d}" for one in table["month"]])
    with _undated():
        for level in sorted(table["level"].unique()):
            rows = with_days.loc[with_days["level"] == level]
            placed = gpd.GeoDataFrame(
                rows, geometry=rows["code"].map(borders).to_numpy(), crs=grids.crs
            )
            placed = placed.loc[placed.geometry.notna()]
            placed.to_file(out, layer=f"level_{level}", driver="GPKG", promote_to_multi=True)
        plain = explained.set_axis(["column", "meaning", "unit"], axis=1)
        pyogrio.write_dataframe(plain, out, layer="dictionary", driver="GPKG")


@contextmanager
def _undated() -> Iterator[None]:
    before = pyogrio.get_gdal_config_option(_OPTION)
    pyogrio.set_gdal_config_options({_OPTION: MADE_AT})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_OPTION: before})
