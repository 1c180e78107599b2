"""Parameters and fields of reports: which kind of file, of which months, on which paper."""

from typing import Annotated

from fastapi import Path
from pydantic import Field

from api.parameters.common import LANGUAGE
from api.parameters.days import EDITION
from api.parameters.definition import Usage, define
from api.parameters.parsers import MAX_NUMBER, REPORT_ID, report_id_of
from api.products.report_requests import MOST_MONTHS, Form, Kind
from geo.errors import Language
from layers.paper.sheet import Paper

MONTHS = Usage("应为月数，1 至 24 的整数", "it takes a number of months, from 1 to 24")

ReportId = Annotated[
    str,
    *define(
        report_id_of,
        Usage(
            "应为报告编号，16 位十六进制小写字符；/v1/reports 列出全部",
            "it takes the id of a report, 16 hexadecimal digits; /v1/reports lists them",
        ),
        type="string",
        pattern=f"^{REPORT_ID}$",
        examples=["5f0c7f7e8f8e4d0b"],
    ),
    Path(description="Id of a report, as the answer that took it gave it."),
]
KindField = Annotated[
    Kind,
    Usage(
        "应取其一：report（报告网页）、book（地图册）、figures（数据表）",
        "it takes one of: report, book, figures",
    ),
]
MonthsField = Annotated[int, Field(ge=1, le=MOST_MONTHS, strict=True), MONTHS]
LanguageField = Annotated[Language, LANGUAGE]
PaperField = Annotated[Paper, Usage("应为 A4 或 A3", "it takes A4 or A3")]
FormField = Annotated[
    Form,
    Usage(
        "应取其一：html（report）、pdf（book）、xlsx、csv、gpkg（figures）",
        "it takes one of: html (report), pdf (book), xlsx, csv, gpkg (figures)",
    ),
]
EditionField = Annotated[int, Field(ge=1, le=MAX_NUMBER, strict=True), EDITION]
