"""A printed document: every page with the same frame, and every map drawn in the same order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from layers import places
from layers.paper import furniture, sheet
from layers.paper.sheet import Box

Shapes = npt.NDArray[np.object_]
# A name, the roomiest spot of its polygon and the radius there, in metres.
Label = tuple[str, npt.NDArray[np.float64], float]
STREETS_WIDTH = 1.0


class Document:
    """Pages of one paper with masthead, sources and, where the data are made up, the stamp.

    Parameters
    ----------
    paper : {"A4", "A3"}
        Landscape.
    title, subject : str
        Of the file.
    words : mapping
        Texts of `styles/book.toml`.
    attribution, edition, synthetic
        As for `layers.pages.coverage_page.coverage_map`.
    crs : str, optional
        That the site is measured in; none on a sheet without a map.

    Raises
    ------
    AssetsMissingError
        If the font was never fetched from npm.
    """

    def __init__(
        self,
        *,
        paper: sheet.Paper,
        title: str,
        subject: str,
        words: Mapping[str, Any],
        attribution: str,
        edition: str | None,
        synthetic: bool,
        crs: str | None,
    ) -> None:
        self._body, self.pen = sheet.start(paper=paper, title=title, subject=subject)
        self.boxes = furniture.layout(paper)
        self._words, self._synthetic = words, synthetic
        self._sources = furniture.sources(words, attribution, edition, synthetic=synthetic, crs=crs)

    def head(
        self, title: str, *, month: str, subtitle: str, headline: tuple[str, str] | None
    ) -> None:
        """Write the masthead of a page."""
        furniture.masthead(
            self.pen,
            self.boxes.page,
            title=title,
            month=month,
            subtitle=subtitle,
            headline=headline,
        )

    def stamp(self, box: Box) -> None:
        """Stamp a map as synthetic, in its upper left corner, if it is."""
        if self._synthetic:
            furniture.stamp(self.pen, box, self._words["synthetic"])

    def foot(self, number: str = "") -> None:
        """Write sources and page number, and end the page."""
        furniture.credits(self.pen, self.boxes.page, self._sources, number=number)
        self.pen.canvas.showPage()

    def finish(self) -> bytes:
        """Give the PDF; the same pages give the same bytes."""
        self.pen.canvas.save()
        return self._body.getvalue()


def labels(names: Iterable[str], shapes: Shapes) -> list[Label]:
    """Find the place of each name in its polygon."""
    middles, radii_m = places.roomiest(shapes)
    return list(zip(names, middles, radii_m.tolist(), strict=True))


def draw_map(  # noqa: PLR0913 - one keyword for each thing that stands on a map
    pen: sheet.Pen,
    frame: sheet.Frame,
    fill: Callable[[], None],
    *,
    streets: Shapes,
    borders: Sequence[tuple[Shapes, str, float]],
    names: Sequence[tuple[Sequence[Label], float, bool]],
    north: str,
    marks: Callable[[], None] = lambda: None,
    scale_points: float = 130,
    arrow_size: float = 1.0,
) -> None:
    """Draw a map in the box of a frame: fills, streets, borders, names, scale bar, north arrow.

    Parameters
    ----------
    fill : callable
        Draws what lies below streets and borders.
    streets : ndarray of Geometry
        Lines in metres of the ground, as all shapes here.
    borders : sequence of (shapes, colour, width in points)
        The last lie on top.
    names : sequence of (labels, size in points, bold)
        Those given first take their room first.
    marks : callable
        Draws what lies over borders and below names.
    north : str
        The letter at the arrow.
    scale_points : float
        Longest scale bar, in points.
    """
    pen.rect(frame.box, fill=sheet.GROUND)
    fill()
    for line in frame.place(streets):
        pen.shape(line, stroke="#ffffff", width=STREETS_WIDTH)
    for shapes, colour, width in borders:
        for shape in frame.place(shapes):
            pen.shape(shape, stroke=colour, width=width)
    marks()
    taken: list[Any] = []
    for given, size, bold in names:
        taken = furniture.names(pen, frame, given, size=size, bold=bold, taken=taken)
    furniture.scale_bar(pen, frame, most_points=scale_points)
    furniture.north_arrow(pen, frame.box, north, turn=frame.north, size=arrow_size)
    pen.rect(frame.box, stroke=sheet.RULE)
