"""What a caller may ask, read strictly; tipg's own readings let more through than is safe or clear.

tipg turns a CQL2 filter into SQL word for word, functions of the database included: one that gives
the session back to its owner would undo the role that it runs as. What may stand in a filter is
therefore listed here.
"""

import math
import re
from collections.abc import Iterator
from datetime import date, timedelta
from datetime import datetime as Moment  # noqa: N812 - the standard's parameter has its name
from typing import Annotated, Any, Literal

from cql2 import Expr
from fastapi import Depends, Path, Query, Request
from morecantile import Tile
from tipg.collections import Collection
from tipg.dependencies import accept_media_type
from tipg.resources.enums import MediaType

from api.http.problems import echo
from api.ogc.catalog import loaded, one, published
from geo.calendar import day_of
from geo.errors import InputError

MAX_ZOOM = 24
MAX_FILTER_CHARS = 10_000
# The parser calls itself for each, and one that runs out of stack ends the whole process: 75 were
# well, 100 were not, on the 512 KiB that a thread has on macOS.
MAX_FILTER_OPERATORS = 60
_OPERATOR = re.compile(
    r"[-+*/^%=<>({]|\b(?:not|and|or|is|like|between|in|div)\b", re.ASCII | re.IGNORECASE
)
SPATIAL = "contains", "crosses", "disjoint", "equals", "intersects", "overlaps", "touches", "within"
TEMPORAL = "after", "before", "disjoint", "during", "equals", "intersects"
COMPARISON = "=", "<>", "<", "<=", ">", ">=", "isNull", "between", "in", "like", "casei"
OPERATIONS = frozenset(
    {"and", "or", "not", "+", "-", "*", "/", *COMPARISON}
    | {f"s_{name}" for name in SPATIAL}
    | {f"t_{name}" for name in TEMPORAL}
)
# What else stands in an expression: arguments, times, geometries.
PARTS = {"args", "date", "timestamp", "interval", "type", "coordinates", "geometries", "bbox"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,20})?(Z|[+-]\d{2}:\d{2}))?", re.ASCII
)


class ParameterError(InputError):
    """A parameter of the standard holds what it may not."""

    code = "ogc.parameter"
    zh = "参数 {parameter} 的值“{value}”不可用：{problem_zh}。"
    en = "Parameter {parameter} cannot be {value!r}: {problem}."

    def __init__(self, parameter: str, value: str, *, zh: str, en: str) -> None:
        super().__init__(parameter=parameter, value=echo(value), problem_zh=zh, problem=en)


def output(
    f: Annotated[Literal["json"] | None, Query(description="Form of the answer.")] = None,
) -> MediaType:
    """Give JSON: a page of tipg loads its script from another host."""
    return MediaType[f or "json"]


def queryables_output(
    f: Annotated[Literal["schemajson"] | None, Query(description="Form of the answer.")] = None,
) -> MediaType:
    """Give a JSON schema."""
    return MediaType[f or "schemajson"]


def items_output(
    request: Request,
    f: Annotated[
        Literal["geojson", "json", "geojsonseq", "ndjson"] | None,
        Query(description="Form of the answer; GeoJSON where none is named."),
    ] = None,
) -> MediaType:
    """Give GeoJSON unless another form is named."""
    if f is not None:
        return MediaType[f]
    # A client that accepts "application/json" means GeoJSON, which is JSON.
    accepted = request.headers.get("accept", "")
    offered = [MediaType.geojson, MediaType.geojsonseq, MediaType.ndjson]
    return accept_media_type(accepted, offered) or MediaType.geojson


def bbox(
    bbox: Annotated[
        str | None, Query(description="West, south, east, north in degrees (CRS84).")
    ] = None,
) -> list[float] | None:
    """Read a box of four numbers, or of six with heights, which are passed over.

    Raises
    ------
    ParameterError
        If it is none on the earth, or has its corners the wrong way round.
    """
    if bbox is None:
        return None
    try:
        numbers = [float(part) for part in bbox.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:  # noqa: PLR2004 - with heights
        del numbers[5], numbers[2]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):  # noqa: PLR2004
        raise ParameterError(
            "bbox", bbox, zh="应为“西,南,东,北”四个数", en="write west,south,east,north"
        )
    west, south, east, north = numbers
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004
        raise ParameterError(
            "bbox",
            bbox,
            zh="经度须在 ±180、纬度须在 ±90 之间，且西不大于东、南不大于北",
            en="longitudes lie within 180, latitudes within 90, west before east, south first",
        )
    return numbers


def datetime(
    datetime: Annotated[
        str | None, Query(description="An instant or a day, or two with a slash; .. is open.")
    ] = None,
) -> list[str] | None:
    """Read an instant or an interval (RFC 3339), both ends included, as days of the site.

    Every time that is published is a day, so that an instant stands for the day that it falls on
    there: what begins at midnight in the banner is still the day before in UTC.

    Raises
    ------
    ParameterError
        If it is neither, is open at both ends, or ends before it begins.
    """
    if datetime is None:
        return None
    parts = datetime.split("/")
    days = [None if part in ("", "..") else _day(part) for part in parts]
    given = [each for each in days if each is not None]
    if len(parts) > 2 or not given or ("" in parts and len(parts) == 1):  # noqa: PLR2004
        raise _not_a_time(datetime)
    if len(given) == 2:  # noqa: PLR2004
        if given[0] > given[1]:
            raise ParameterError(
                "datetime", datetime, zh="起点晚于终点", en="it ends before it begins"
            )
        # tipg leaves the end of a closed interval out, the standard takes it in.
        days[1] = None if given[1] == date.max else given[1] + timedelta(days=1)
    return [".." if each is None else f"{each}T00:00:00Z" for each in days]


def _day(text: str) -> date:
    """Read a day, or the site's day of an instant.

    A plus sign that was not written %2B arrives as a blank.
    """
    written = text.replace(" ", "+").upper()
    if _INSTANT.fullmatch(written) is None:
        raise _not_a_time(text)
    try:
        moment = Moment.fromisoformat(written)
        return day_of(moment) if moment.tzinfo else moment.date()
    except (ValueError, OverflowError):
        raise _not_a_time(text) from None


def _not_a_time(text: str) -> ParameterError:
    return ParameterError(
        "datetime",
        text,
        zh="应为 2026-10-01 或 2026-10-01T00:00:00+08:00，区间用“/”分隔，一端可为“..”",
        en="write 2026-10-01 or 2026-10-01T00:00:00+08:00, two with a slash, one of them may be ..",
    )


def condition(
    collection: Annotated[Collection, Depends(one)],
    text: Annotated[str | None, Query(description="CQL2 filter.", alias="filter")] = None,
    _language: Annotated[
        Literal["cql2-text", "cql2-json"] | None,
        Query(description="Language of the filter.", alias="filter-lang"),
    ] = None,
) -> Expr | None:
    """Read a filter of operations that are listed, on properties that there are.

    Raises
    ------
    ParameterError
        If it cannot be read, or holds anything else.
    """
    if text is None:
        return None
    if len(text) > MAX_FILTER_CHARS or len(_OPERATOR.findall(text)) > MAX_FILTER_OPERATORS:
        raise ParameterError("filter", text, zh="过长", en="it is too long")
    try:
        # Read twice, as tipg does: only JSON's geometries come with their CRS.
        tree = _days_named(_boxes_drawn(Expr(text).to_json()))
        read = Expr(tree)
        read.to_sql()
    except BaseException as error:  # a panic of the parser is no Exception
        raise ParameterError(
            "filter", text, zh="不是 CQL2 表达式", en="it is no CQL2 expression"
        ) from error
    known = {each.name for each in collection.properties}
    for kind, name in _named(tree):
        if kind == "op" and name not in OPERATIONS:
            raise ParameterError(
                "filter", name, zh="筛选中不可使用该函数", en="filters have no such function"
            )
        if kind == "property" and name not in known:
            raise _unknown("filter", name, known)
    return read


def _boxes_drawn(node: Any) -> Any:
    """Turn boxes into polygons: tipg gives a CRS to geometries, but to boxes none."""
    match node:
        case {"bbox": [west, south, east, north]}:
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            return {"type": "Polygon", "coordinates": [ring]}
        case dict():
            return {key: _boxes_drawn(value) for key, value in node.items()}
        case list():
            return [_boxes_drawn(each) for each in node]
    return node


def _days_named(node: Any) -> Any:
    """Turn instants into the site's days, as `datetime` does: all that is published is by day."""
    match node:
        case {"timestamp": str(text)} if len(node) == 1:
            return {"date": _day(text).isoformat()}
        case {"interval": [str(_), str(_)] as ends} if len(node) == 1:
            return {"interval": [end if end == ".." else str(_day(end)) for end in ends]}
        case dict():
            return {key: _days_named(value) for key, value in node.items()}
        case list():
            return [_days_named(each) for each in node]
    return node


def _named(node: Any) -> Iterator[tuple[str, str]]:
    """List the operations and properties that an expression names, and nothing else passes."""
    if isinstance(node, list):
        for each in node:
            yield from _named(each)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("op", "property"):
                yield key, str(value)
                continue
            if key not in PARTS:
                yield "op", key
            yield from _named(value)


def properties(
    collection: Annotated[Collection, Depends(one)],
    properties: Annotated[
        str | None, Query(description="Properties to give, with commas; empty for none.")
    ] = None,
) -> list[str] | None:
    """Read which properties are wanted.

    Raises
    ------
    ParameterError
        If the collection has not all of them.
    """
    if properties is None:
        return None
    wanted = [each.strip() for each in properties.split(",")]
    known = {each.name for each in collection.properties}
    if properties and not known.issuperset(wanted):
        raise _unknown("properties", min(set(wanted) - known), known)
    return wanted


def sortby(
    collection: Annotated[Collection, Depends(one)],
    sortby: Annotated[
        str | None, Query(description="Properties to sort by, with commas; - turns one round.")
    ] = None,
) -> str | None:
    """Read what to sort places by.

    Raises
    ------
    ParameterError
        If the collection has not all of them.
    """
    if not sortby:
        return None
    wanted = [each.strip().lstrip("+-") for each in sortby.split(",")]
    known = {each.name for each in collection.properties}
    if not known.issuperset(wanted):
        raise _unknown("sortby", min(set(wanted) - known), known)
    return sortby


def _unknown(parameter: str, name: str, known: set[str]) -> ParameterError:
    listed = ", ".join(sorted(known))
    return ParameterError(
        parameter, name, zh=f"没有这个属性；现有属性：{listed}", en=f"no such property: {listed}"
    )


def tile(
    z: Annotated[int, Path(ge=0, le=MAX_ZOOM, description="Zoom.")],
    x: Annotated[int, Path(ge=0, description="Column from the west.")],
    y: Annotated[int, Path(ge=0, description="Row from the north.")],
) -> Tile:
    """Read which tile is wanted.

    Raises
    ------
    ParameterError
        If there is no such column or row at that zoom.
    """
    for name, value in (("x", x), ("y", y)):
        if value >= 2**z:
            raise ParameterError(
                name,
                str(value),
                zh=f"第 {z} 级只有 0 至 {2**z - 1}",
                en=f"zoom {z} has 0 to {2**z - 1}",
            )
    return Tile(x, y, z)


async def known(request: Request) -> None:
    """Refuse parameters that an operation does not have, has twice, or with a NUL.

    Properties of a collection are parameters of its items.

    Raises
    ------
    ParameterError
        Naming the first.

    References
    ----------
    OGC 17-069r4, requirement /req/core/query-param-unknown.
    """
    operation = request.app.openapi()["paths"].get(request.scope["route"].path)
    if operation is None:
        return
    named = {
        each["name"] for each in operation["get"].get("parameters", []) if each["in"] == "query"
    }
    days: set[str] = set()
    if "filter" in named:
        there = await loaded(request, published(request))
        asked = there.get(request.path_params["collectionId"])
        if asked:
            named |= {each.name for each in asked.properties}
            days = {each.name for each in asked.datetime_columns}
    for name, value in request.query_params.items():
        if name not in named | {"language"}:
            listed = ", ".join(sorted(named))
            raise ParameterError(
                name,
                value,
                zh=f"没有这个参数；可用：{listed}",
                en=f"there is no such parameter; there are: {listed}",
            )
        if len(request.query_params.getlist(name)) > 1:
            raise ParameterError(name, value, zh="只能给一次", en="give it once")
        if name in days and _DAY.fullmatch(value) is None:
            # The database would pass over the time and the offset.
            raise ParameterError(
                name,
                value,
                zh="应为日期，例如 2026-10-01；时刻请用 datetime",
                en="write a day, for example 2026-10-01; moments go into datetime",
            )
    for name, value in (*request.query_params.items(), *request.path_params.items()):
        if "\0" in value:
            raise ParameterError(name, value, zh="含有空字符", en="it holds a NUL character")
