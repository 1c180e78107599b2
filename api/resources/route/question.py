"""What is asked of `/v1/route`, and its answer for a point: the same through either door.

`router.py` is the door that the document describes, `hot.py` the one for what is asked most.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Response

from api.http.errors import ParameterError
from api.parameters.days import Day, EditionNumber
from api.parameters.incidents import CategoryCode
from api.parameters.places import (
    AccuracyM,
    OptionalDatum,
    OptionalLatitude,
    OptionalLongitude,
    RouteAddress,
)
from api.resources.route.writer import AnswerWriter
from geo.crs import one_to_cgcs2000
from geo.errors import Language
from geo.routing.model import Category

PATH = "/v1/route"
POINT = ("longitude", "latitude", "datum")


class PointAndAddressError(ParameterError):
    """A point and an address at once: they may disagree."""

    code = "route.point_and_address"
    zh = "address 与 {given} 不能同时给出：两者可能指向不同的地方。请只保留坐标或只保留 address。"
    en = "address and {given} cannot both be given: they may disagree. Keep the point or address."


class PastAddressError(ParameterError):
    """The gazetteer is of today."""

    code = "route.past_address"
    zh = "地址只能按今天的地名库和网格定位，不能与 {parameter} 同用。请改用坐标查询过去的日期。"
    en = (
        "Addresses are read with today's gazetteer and grids; {parameter} cannot be named with "
        "one. Ask for a past day by a point."
    )


class CategoryUnknownError(ParameterError):
    """A category that is not in the list."""

    code = "category.unknown"
    zh = "没有编码为“{got}”的事项类别；相近的有：{near}。/v1/categories 列出全部。"
    en = "There is no category {got!r}; near to it: {near}. /v1/categories lists them all."


@dataclass(frozen=True)
class Question:
    """A point in the datum that the caller names, or an address; what it is about, and when.

    Raises
    ------
    PointAndAddressError, PastAddressError
        If what is named does not go together.
    """

    longitude: OptionalLongitude = None
    latitude: OptionalLatitude = None
    datum: OptionalDatum = None
    accuracy_m: AccuracyM = None
    category: CategoryCode = None
    address: RouteAddress = None
    at: Day = None
    edition: EditionNumber = None

    def __post_init__(self) -> None:
        if self.address is None:
            return
        given = [name for name in (*POINT, "accuracy_m") if getattr(self, name) is not None]
        if given:
            raise PointAndAddressError("address", given=", ".join(given))
        for name in ("at", "edition"):
            if getattr(self, name) is not None:
                raise PastAddressError(name)

    def missing(self) -> list[str]:
        """List the parameters that a point lacks."""
        return [name for name in POINT if getattr(self, name) is None]


def answer_point(question: Question, writer: AnswerWriter, language: Language) -> bytes:
    """Write the answer for a point.

    Parameters
    ----------
    question : Question
        With longitude, latitude and datum.
    writer : AnswerWriter
        Of the router of the day and edition.
    language : {"zh", "en"}

    Returns
    -------
    bytes
        JSON, see `api.resources.route.schemas.RouteAnswer`.

    Raises
    ------
    CategoryUnknownError
        If there is no such category.
    """
    check_category(writer.router.categories, question.category)
    assert question.longitude is not None  # noqa: S101 - both doors look before
    assert question.latitude is not None  # noqa: S101
    longitude, latitude = one_to_cgcs2000(
        longitude=question.longitude, latitude=question.latitude, datum=str(question.datum)
    )
    return writer.at(
        longitude=longitude,
        latitude=latitude,
        category=question.category,
        language=language,
        accuracy_m=question.accuracy_m,
    )


def private_answer(body: bytes) -> Response:
    """Answer with a body that nobody keeps: a position is nobody's business but the caller's."""
    headers = {"Cache-Control": "no-store"}
    return Response(body, media_type="application/json", headers=headers)


def check_category(categories: Mapping[str, Category], category: str | None) -> None:
    """Refuse the code of a category that there is not; name those near it.

    Raises
    ------
    CategoryUnknownError
    """
    if category is not None and category not in categories:
        from difflib import get_close_matches  # noqa: PLC0415 - only who is refused waits for it

        near = get_close_matches(category, categories, n=3, cutoff=0.0)
        raise CategoryUnknownError("category", got=category[:60], near=", ".join(near) or "—")
