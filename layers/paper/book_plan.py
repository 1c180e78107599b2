"""What all pages of a map book share."""

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Language
from layers.paper import choropleth
from layers.paper.document import Document


@dataclass(frozen=True)
class Book:
    """What all pages share."""

    document: Document
    grids: gpd.GeoDataFrame
    measured: pd.DataFrame
    measures: list[str]
    month: date
    language: Language
    words: dict[str, str]
    note: str
    streets: npt.NDArray[np.object_]
    answers: pd.DataFrame

    def level(self, level: int, *, community: str | None = None) -> gpd.GeoDataFrame:
        """Take the grids of one level, of one community where it is named."""
        rows = self.grids.loc[self.grids["level"] == level]
        return rows if community is None else rows.loc[rows["community_code"] == community]

    def layer(self, rows: gpd.GeoDataFrame, measure: str | None = None) -> choropleth.Layer:
        """Join grids with a measure of the month."""
        return choropleth.layer(
            rows,
            self.measured,
            measure or self.measures[0],
            month=self.month,
            language=self.language,
        )
