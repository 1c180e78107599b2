"""From what tipg and the database raise to problem details; the standard's status is 400."""

from collections.abc import Callable
from typing import cast

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response
from tipg.errors import NotFound, TiPgError

from api.http import errors, problems
from api.ogc.parameters import ParameterError
from geo.db import failures
from geo.db.failures import DatabaseAwayError, SchemaMissingError
from geo.errors import BannerGridError, InputError, NotFoundError, UnavailableError

# What the framework checks, by its names.
WANTED = {
    "int_parsing": ("应为整数", "it is a whole number"),
    "float_parsing": ("应为数字", "it is a number"),
    "bool_parsing": ("应为 true 或 false", "it is true or false"),
    "greater_than_equal": ("不得小于 {ge}", "it is {ge} or more"),
    "less_than_equal": ("不得大于 {le}", "it is {le} or less"),
    "literal_error": ("可用的值：{expected}", "it is one of {expected}"),
}
OTHERWISE = ("不符合 /ogc/api 中的说明", "/ogc/api says what it may be")


class QueryRefusedError(InputError):
    """The database or tipg can make nothing of a value, for example a text for a number."""

    code = "ogc.query"
    zh = (
        "查询条件无法使用：某个值超出范围，或与属性的类型不符。"
        "/ogc/collections/数据集/queryables 列出各属性及类型。"
    )
    en = (
        "The conditions cannot be used: a value is out of range or does not fit the type of its "
        "property. /ogc/collections/NAME/queryables lists the properties with their types."
    )


class AddressError(NotFoundError):
    """Nothing is at an address."""

    code = "route.not_found"
    zh = "此地址没有内容。/ogc/api 列出全部地址。"
    en = "There is nothing at this address. /ogc/api lists all there is."


class ItemNotFoundError(NotFoundError):
    """The collection has no such item."""

    code = "ogc.item"
    zh = "数据集中没有这一条。/ogc/collections/数据集/items 列出现有条目。"
    en = "The collection has no such item; /ogc/collections/NAME/items lists those there are."


class QueryTooSlowError(UnavailableError):
    """A query was stopped because it took too long."""

    code = "ogc.slow"
    zh = "查询用时过长，已停止。请缩小范围（bbox、limit、filter）后再试。"
    en = "The query took too long and was stopped. Narrow it (bbox, limit, filter), then try again."


def register(app: FastAPI) -> None:
    """Answer every kind of error as problem details."""
    errors.register(app)
    app.add_exception_handler(InputError, _domain)
    app.add_exception_handler(404, _telling(AddressError()))
    app.add_exception_handler(RequestValidationError, _validation)
    for raised, told in {
        TiPgError: QueryRefusedError(),
        NotFound: ItemNotFoundError(),
        # Of the statement itself: columns, functions and types are the caller's.
        asyncpg.SyntaxOrAccessError: QueryRefusedError(),
        asyncpg.DataError: QueryRefusedError(),
        asyncpg.InternalServerError: QueryRefusedError(),  # how PostGIS refuses a geometry
        asyncpg.UndefinedTableError: SchemaMissingError(),
        asyncpg.InsufficientPrivilegeError: SchemaMissingError(),
        asyncpg.PostgresError: DatabaseAwayError(),
        asyncpg.DiskFullError: failures.of_database(),
        asyncpg.InterfaceError: DatabaseAwayError(),
        # How a connection that is cut off while it is being used shows now and then.
        asyncpg.InternalClientError: DatabaseAwayError(),
        OSError: DatabaseAwayError(),
        asyncpg.QueryCanceledError: QueryTooSlowError(),
        TimeoutError: QueryTooSlowError(),
    }.items():
        app.add_exception_handler(raised, _telling(told))
    app.add_exception_handler(Exception, _unforeseen)


def _telling(foreseen: BannerGridError) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        engine = request.app.state.published.engine
        told = failures.explain(foreseen, engine) or foreseen
        status = 400 if isinstance(told, InputError) else errors.status_of(told)
        # The words of the database may hold its structure: they are for the log alone.
        structlog.stdlib.get_logger("bannergrid.ogc").info(
            "query refused", status=status, said=str(error), request_id=request.state.request_id
        )
        return _answer(request, told, status)

    return handle


def _domain(request: Request, error: Exception) -> Response:
    return _answer(request, cast("InputError", error), 400)


def _answer(request: Request, told: BannerGridError, status: int) -> Response:
    return problems.respond(
        request,
        status=status,
        code=told.code,
        detail=problems.sentence_of(told),
        headers={"Retry-After": "5"} if isinstance(told, UnavailableError) else None,
    )


def _validation(request: Request, error: Exception) -> Response:
    first = cast("RequestValidationError", error).errors()[0]
    zh, en = WANTED.get(first["type"], OTHERWISE)
    limits = first.get("ctx", {})
    told = ParameterError(
        str(first["loc"][-1]),
        str(first.get("input")),
        zh=zh.format_map(limits),
        en=en.format_map(limits),
    )
    return _answer(request, told, 400)


def _unforeseen(request: Request, _error: Exception) -> Response:
    # Logged in full by `api.http.logs`, to which it goes on from here.
    return problems.internal(request)
