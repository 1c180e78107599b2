"""What reports, map books and tables of figures can be asked for, and how their files are named."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from api.sentences import Sentence
from geo.errors import Language
from layers.paper.sheet import Paper

Kind = Literal["report", "book", "figures"]
Form = Literal["html", "pdf", "xlsx", "csv", "gpkg"]

# The forms of each kind, that which is taken where none is named first.
FORMS: dict[Kind, tuple[Form, ...]] = {
    "report": ("html",),
    "book": ("pdf",),
    "figures": ("xlsx", "csv", "gpkg"),
}
# How many months where none is named; a book is of one.
MONTHS: dict[Kind, int] = {"report": 24, "book": 1, "figures": 1}
MOST_MONTHS = 24
# A CSV comes with its dictionary, and so as an archive of both.
MEDIA_TYPES: dict[str, str] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "gpkg": "application/geopackage+sqlite3",
}
_TITLES: dict[Kind, Sentence] = {
    "report": Sentence("网格走访报告", "grid-report"),
    "book": Sentence("网格地图册", "map-book"),
    "figures": Sentence("网格数据", "grid-figures"),
}


@dataclass(frozen=True)
class ReportRequest:
    """A file that somebody wants, with nothing left open.

    Parameters
    ----------
    kind : {"report", "book", "figures"}
    month : date
        First day of the last month.
    months : int
        How many months up to it.
    language : {"zh", "en"}
    paper : {"A4", "A3"}, optional
        Of a book.
    form : {"html", "pdf", "xlsx", "csv", "gpkg"}
    edition : int
        Of the grids.
    """

    kind: Kind
    month: date
    months: int
    language: Language
    paper: Paper | None
    form: Form
    edition: int

    @property
    def ending(self) -> str:
        """Ending of the file."""
        return "zip" if self.form == "csv" else self.form

    @property
    def media_type(self) -> str:
        """Media type of the file."""
        return MEDIA_TYPES[self.ending]

    def file_name(self, language: Language | None = None) -> str:
        """Give the file's name, in its own language where no other is named."""
        title = _TITLES[self.kind].text(language or self.language)
        parts = [title, f"{self.month:%Y-%m}"]
        if self.months > 1:
            parts.append(
                f"{self.months}m" if (language or self.language) == "en" else f"{self.months}个月"
            )
        if self.paper:
            parts.append(self.paper)
        return f"{'_'.join(parts)}.{self.ending}"

    def disposition(self) -> str:
        """Say how a browser is to save the file: a plain name for old ones, beside the full one.

        References
        ----------
        RFC 6266, section 4.3: `filename*` wins where it is understood.
        """
        plain, full = self.file_name("en"), quote(self.file_name())
        return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{full}"

    def path(self, folder: Path) -> Path:
        """Give the file's place in a folder of its own."""
        return folder / f"file.{self.ending}"
