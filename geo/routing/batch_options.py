"""How a file's rows are to be understood, and what a chunk of them asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from geo.errors import Language
from geo.files.model import Source
from geo.intake import named
from geo.routing.columns import Columns
from geo.routing.model import Category

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class BatchOptions:
    """How the rows of a file are to be understood.

    Parameters
    ----------
    source : Source
        What the rows are of.
    columns : Columns
    datum : str
        Of the coordinates.
    category : str, optional
        Of rows that name none: a code.
    categories : mapping of str to Category
        By code.
    day : date
        Of rows that name none.
    language : {"zh", "en"}
        Of problems.
    """

    source: Source
    columns: Columns
    datum: str
    category: str | None
    categories: Mapping[str, Category]
    day: date
    language: Language

    @cached_property
    def words(self) -> dict[str, str]:
        """What people call categories, to their codes."""
        return named.meanings(
            (each.code, (each.name, each.name_en, *each.aliases))
            for each in self.categories.values()
        )


@dataclass(frozen=True)
class BatchColumns:
    """What a chunk asks: columns as they came, by part.

    Parameters
    ----------
    count : int
        Rows.
    cells : dict of str to ChunkedArray
    broken : ndarray of bool, shape (count,)
        See `geo.files.model.Chunk`.
    surplus : ChunkedArray, optional
    """

    count: int
    cells: dict[str, pa.ChunkedArray]
    broken: Mask
    surplus: pa.ChunkedArray | None
