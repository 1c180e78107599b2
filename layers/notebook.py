"""A map in a notebook's cell: the page to click in, and a small picture that can be stored."""

import html
import io
from collections.abc import Collection
from typing import Any

from PIL import Image

from layers.paper.sheet import to_png

DOTS_PER_INCH = 92
# What a notebook may weigh in a repository, and what people abroad load over a slow line.
MOST_PICTURE_BYTES = 100_000
COLOURS = 224


class Shown:
    """What a cell shows where it is the last thing named in it.

    Jupyter shows the page; what stores notebooks keeps the picture, which any reader shows.

    Parameters
    ----------
    page : str
        A whole HTML document that needs no other host, as `layers.pages` makes them.
    sheet : bytes
        The same as a PDF of one page, as `layers.paper` makes them.
    height_px : int
        Of the page in the cell.

    Examples
    --------
    >>> Shown(coverage_map(grids, figures, ...), grid_sheet(grids, measured, ...))  # doctest: +SKIP
    """

    def __init__(self, page: str, sheet: bytes, *, height_px: int = 560) -> None:
        self.page = page
        self.picture = small_picture(sheet)
        self._height_px = height_px

    def _repr_mimebundle_(
        self,
        include: Collection[str] | None = None,  # noqa: ARG002 - IPython's signature
        exclude: Collection[str] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        frame = (
            f'<iframe srcdoc="{html.escape(self.page)}" width="100%" '
            f'height="{self._height_px}" style="border:0"></iframe>'
        )
        return {"text/html": frame, "image/png": self.picture, "text/plain": "地图 · map"}


def small_picture(sheet: bytes) -> bytes:
    """Draw a PDF's first page as a PNG of few colours and under 100 kB.

    Parameters
    ----------
    sheet : bytes
        PDF.

    Returns
    -------
    bytes
        PNG, as large as it may be.
    """
    dots_per_inch = DOTS_PER_INCH
    while True:
        drawn = Image.open(io.BytesIO(to_png(sheet, dots_per_inch=dots_per_inch))).convert("RGB")
        few = drawn.quantize(COLOURS, dither=Image.Dither.NONE)
        body = io.BytesIO()
        few.save(body, "PNG", optimize=True)
        if body.tell() < MOST_PICTURE_BYTES:
            return body.getvalue()
        dots_per_inch -= 8
