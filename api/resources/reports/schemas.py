"""Reports on the wire: what is asked for, and how far it is."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.parameters.days import MonthField
from api.parameters.reports import (
    EditionField,
    FormField,
    KindField,
    LanguageField,
    MonthsField,
    PaperField,
)
from api.products.report_requests import Form, Kind
from geo.errors import Language
from layers.paper.sheet import Paper

REQUEST: dict[str, Any] = {"kind": "report", "month": "2026-10", "months": 24, "language": "zh"}
REPORT: dict[str, Any] = {
    "id": "5f0c7f7e8f8e4d0b",
    "kind": "report",
    "month": "2026-10",
    "months": 24,
    "language": "zh",
    "paper": None,
    "format": "html",
    "edition": 1,
    "state": "done",
    "done": 25,
    "of": 25,
    "doing": "已完成",
    "problem": None,
    "file": "/v1/reports/5f0c7f7e8f8e4d0b/file",
    "name": "网格走访报告_2026-10_24个月.html",
    "size": 412_309,
    "asked_at": "2026-11-25T09:30:00+08:00",
    "ended_at": "2026-11-25T09:30:07+08:00",
    "kept_until": "2026-11-26T09:30:07+08:00",
}
STARTED: dict[str, Any] = {
    **REPORT,
    "state": "waiting",
    "done": 0,
    "of": 1,
    "doing": "排队等候",
    "file": None,
    "size": None,
    "ended_at": None,
    "kept_until": None,
}
STOPPED: dict[str, Any] = {**STARTED, "state": "stopped", "doing": "已停止"}
REPORTS: dict[str, Any] = {"reports": [REPORT]}


class ReportWish(BaseModel):
    """What is to be made; what is left out is as the command line has it."""

    model_config = ConfigDict(extra="forbid")

    kind: KindField = Field(
        description="report: the one-file page of every measure; book: the map book; figures: "
        "every figure as a table with its dictionary."
    )
    month: MonthField | None = Field(
        default=None, description="A month that has data; the newest where none is named."
    )
    months: MonthsField | None = Field(
        default=None,
        description="How many months up to that one: 24 of a report, 1 of figures; a book is of "
        "one month.",
    )
    language: LanguageField | None = Field(
        default=None, description="Of the file; the caller's where none is named."
    )
    paper: PaperField | None = Field(
        default=None, description="Of a book, landscape; A4 where none is named."
    )
    format: FormField | None = Field(
        default=None,
        description="html of a report, pdf of a book; xlsx (taken where none is named), csv or "
        "gpkg of figures. A csv comes with its dictionary, in one zip.",
    )
    edition: EditionField | None = Field(
        default=None,
        description="Edition of the grids; the newest where none is named.",
    )


class ReportProblem(BaseModel):
    """Why there is no file."""

    code: str
    detail: str = Field(description="In the caller's language.")


class Report(BaseModel):
    """A report that is made, or was."""

    id: str
    kind: Kind
    month: str
    months: int
    language: Language
    paper: Paper | None
    format: Form
    edition: int
    state: Literal["waiting", "running", "done", "failed", "stopped"]
    done: int = Field(description="Steps that are done; never fewer than were.")
    of: int = Field(description="Steps there are, as far as is known.")
    doing: str = Field(description="What is being done, in the caller's language.")
    problem: ReportProblem | None = Field(description="Why it failed.")
    file: str | None = Field(description="Address of the file when it is done.")
    name: str = Field(description="What the file is called when it is saved.")
    size: int | None = Field(description="Bytes of the file.")
    asked_at: datetime
    ended_at: datetime | None
    kept_until: datetime | None = Field(description="Until when the file is kept, at the longest.")


class Reports(BaseModel):
    """The reports there are."""

    reports: list[Report] = Field(description="Those asked for last come first.")
