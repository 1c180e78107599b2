"""A sheet of paper with a map on it: masthead, frame, panel, scale bar, north arrow, credits.

Drawn as PDF, vectors and all, with one Chinese font of which each file carries the signs it uses;
a PNG is the same sheet, rasterised. Coordinates on paper are points (1/72 inch) from the lower
left, coordinates on the ground metres of the measuring CRS.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import pypdfium2
import shapely
from PIL import Image
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A3, A4, landscape
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from geo.crs import METRIC_CRS
from geo.measuring import north_turn
from layers.assets import AssetNotFoundError, AssetsMissingError, asset_path

Paper = Literal["A4", "A3"]
PAPERS: dict[Paper, tuple[float, float]] = {"A4": landscape(A4), "A3": landscape(A3)}

FONT, FONT_FILE = "BannerGrid", "fonts/NotoSansSC-Regular.ttf"
INK, SOFT, RULE, STAMP, GROUND, BARE = (
    "#1e2427", "#5d666b", "#d9d4c8", "#a4262c", "#f9f7f1", "#e9e7e2",
)  # fmt: skip
STREET, HATCH = "#dfd9cc", "#b3afa6"
MARGIN = 28.0
POINT_M = 0.0254 / 72  # a point of paper in metres


@dataclass(frozen=True)
class Box:
    """A rectangle on the paper, in points."""

    x: float
    y: float
    width: float
    height: float

    @property
    def top(self) -> float:
        """The upper edge."""
        return self.y + self.height

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width


class Pen:
    """A canvas that speaks in our colours, font and polygons."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float,
        colour: str = INK,
        align: Literal["left", "middle", "right"] = "left",
        bold: bool = False,
        halo: bool = False,
    ) -> float:
        """Write a line; gives its width in points. Bold is the same font with a thin outline."""
        width = text_width(words, size)
        start = x - width * {"left": 0.0, "middle": 0.5, "right": 1.0}[align]
        if halo:
            self._line(start, y, words, size, "#ffffff", outline=size / 5)
        self._line(start, y, words, size, colour, outline=size / 28 if bold else 0)
        return width

    def _line(
        self, x: float, y: float, words: str, size: float, colour: str, *, outline: float
    ) -> None:
        self.canvas.saveState()
        self.canvas.setFillColor(HexColor(colour))
        self.canvas.setStrokeColor(HexColor(colour))
        self.canvas.setLineWidth(outline)
        self.canvas.setLineJoin(1)
        line = self.canvas.beginText(x, y)
        line.setFont(FONT, size)
        line.setTextRenderMode(2 if outline else 0)
        line.textOut(words)
        self.canvas.drawText(line)
        self.canvas.restoreState()

    def paragraph(
        self, x: float, y: float, words: str, *, width: float, size: float, colour: str = SOFT
    ) -> float:
        """Write a text over as many lines as it takes; gives the y under the last."""
        for line in wrapped(words, width=width, size=size):
            self.text(x, y, line, size=size, colour=colour)
            y -= size * 1.45
        return y

    def rect(self, box: Box, *, fill: str | None = None, stroke: str | None = None) -> None:
        """Draw a rectangle."""
        self._colours(fill, stroke, 0.7)
        self.canvas.rect(
            box.x, box.y, box.width, box.height, fill=int(bool(fill)), stroke=int(bool(stroke))
        )

    def line(
        self,
        x: float,
        y: float,
        to_x: float,
        to_y: float,
        *,
        stroke: str = RULE,
        width: float = 0.7,
    ) -> None:
        """Draw a straight line."""
        self._colours(None, stroke, width)
        self.canvas.line(x, y, to_x, to_y)

    def shape(
        self,
        shape: shapely.Geometry,
        *,
        fill: str | None = None,
        stroke: str | None = None,
        width: float = 0.7,
        hatch: str | None = None,
    ) -> None:
        """Draw a polygon or lines given in points; a hatch lies over the fill."""
        if shape.is_empty:
            return
        self._colours(fill, stroke, width)
        path = self._path(shape)
        self.canvas.drawPath(path, fill=int(bool(fill)), stroke=int(bool(stroke)), fillMode=0)
        if hatch:
            self._hatch(shape, hatch)

    def _path(self, shape: shapely.Geometry) -> Any:
        path = self.canvas.beginPath()
        for part in shapely.get_parts(shape):
            rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
            for ring in rings:
                (x, y), *rest = np.round(shapely.get_coordinates(ring), 2).tolist()
                path.moveTo(x, y)
                for to_x, to_y in rest:
                    path.lineTo(to_x, to_y)
                if part.geom_type == "Polygon":
                    path.close()
        return path

    def _hatch(self, shape: shapely.Geometry, colour: str, *, apart: float = 4.0) -> None:
        west, south, east, north = shape.bounds
        self.canvas.saveState()
        self.canvas.clipPath(self._path(shape), stroke=0, fill=0, fillMode=0)
        self._colours(None, colour, 0.9)
        height = north - south
        # From multiples of the distance, so that neighbours' lines meet.
        start = np.floor((west - height - south) / apart) * apart + south % apart
        for x in np.arange(start, east + apart, apart):
            self.canvas.line(x, south, x + height, north)
        self.canvas.restoreState()

    def _colours(self, fill: str | None, stroke: str | None, width: float) -> None:
        if fill:
            self.canvas.setFillColor(HexColor(fill))
        if stroke:
            self.canvas.setStrokeColor(HexColor(stroke))
            self.canvas.setLineWidth(width)
            self.canvas.setLineJoin(1)


@dataclass(frozen=True)
class Frame:
    """Ground on paper: what metres of a measuring CRS lie where in a box."""

    box: Box
    west: float
    south: float
    scale: float  # points a metre
    crs: str = METRIC_CRS

    @classmethod
    def around(
        cls, box: Box, bounds: tuple[float, float, float, float], *, crs: str, pad: float = 12
    ) -> "Frame":
        """Fit some ground into a box, centred, grid north up."""
        west, south, east, north = bounds
        width, height = max(east - west, 1.0), max(north - south, 1.0)
        scale = min((box.width - 2 * pad) / width, (box.height - 2 * pad) / height)
        return cls(
            box,
            (west + east) / 2 - box.width / scale / 2,
            (south + north) / 2 - box.height / scale / 2,
            scale,
            crs,
        )

    @property
    def north(self) -> float:
        """Degrees by which true north lies clockwise of upwards, in the middle of the box."""
        east = self.west + self.box.width / self.scale / 2
        return north_turn(self.crs, east, self.south + self.box.height / self.scale / 2)

    def place(self, shape: Any) -> Any:
        """Bring shapes from the ground to the paper, cut to the box."""

        def moved(points: np.ndarray) -> np.ndarray:
            return (points - [self.west, self.south]) * self.scale + [self.box.x, self.box.y]

        on_paper = shapely.transform(shape, moved)
        return shapely.intersection(
            on_paper, shapely.box(self.box.x, self.box.y, self.box.right, self.box.top)
        )

    @property
    def ratio(self) -> int:
        """The scale's denominator, to three figures."""
        exact = 1 / (self.scale * POINT_M)
        return int(float(f"{exact:.3g}"))


@cache
def load_font() -> None:
    """Make the font known, once a process.

    Raises
    ------
    AssetsMissingError
        If it was never fetched from npm.
    """
    try:
        path = asset_path(FONT_FILE)
    except AssetNotFoundError as error:
        raise AssetsMissingError(name=FONT_FILE) from error
    pdfmetrics.registerFont(TTFont(FONT, str(path)))


def text_width(words: str, size: float) -> float:
    """Measure a line in points."""
    return float(pdfmetrics.stringWidth(words, FONT, size))


def wrapped(words: str, *, width: float, size: float) -> list[str]:
    """Break a text into lines: between words, and between any two Chinese signs."""
    lines, line = [], ""
    for piece in _pieces(words):
        if line and text_width(line + piece.rstrip(), size) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def fitted(words: str, *, width: float, size: float) -> str:
    """Cut a line to a width; what is cut shows as an ellipsis."""
    if text_width(words, size) <= width:
        return words
    while words and text_width(words + "…", size) > width:
        words = words[:-1]
    return words + "…"


def _pieces(words: str) -> list[str]:
    pieces: list[str] = []
    joins = False
    for sign in words:
        wide = ord(sign) >= 0x2E80  # noqa: PLR2004 - where CJK begins
        closing = sign in "，。；：、）》”！？"
        if pieces and (closing or (joins and not wide)):
            pieces[-1] += sign
        else:
            pieces.append(sign)
        joins = not wide and sign != " "
    return pieces


def start(*, paper: Paper, title: str, subject: str) -> tuple[io.BytesIO, Pen]:
    """Begin a document; the same drawing gives the same bytes."""
    load_font()
    body = io.BytesIO()
    canvas = Canvas(body, pagesize=PAPERS[paper], invariant=1)
    canvas.setTitle(title)
    canvas.setSubject(subject)
    canvas.setAuthor("Banner Grid")
    return body, Pen(canvas)


def to_png(pdf: bytes, *, page: int = 0, dots_per_inch: int = 200) -> bytes:
    """Rasterise one page of a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture: Image.Image = document[page].render(scale=dots_per_inch / 72).to_pil()
    finally:
        document.close()
    body = io.BytesIO()
    picture.save(body, "PNG", dpi=(dots_per_inch, dots_per_inch))
    return body.getvalue()


def picture_in(pen: Pen, frame: Frame, picture: Image.Image, bounds: Sequence[float]) -> None:
    """Lay a picture over the ground between west, south, east and north, cut to the box."""
    west, south, east, north = bounds
    x = (west - frame.west) * frame.scale + frame.box.x
    y = (south - frame.south) * frame.scale + frame.box.y
    canvas = pen.canvas
    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(frame.box.x, frame.box.y, frame.box.width, frame.box.height)
    canvas.clipPath(clip, stroke=0, fill=0)
    canvas.drawImage(
        ImageReader(picture),
        x,
        y,
        width=(east - west) * frame.scale,
        height=(north - south) * frame.scale,
        mask="auto",
    )
    canvas.restoreState()
