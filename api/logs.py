"""Structured logs: one line a request, never a query string, a coordinate or a token."""

import logging
import sys
import time
import uuid
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from geo.settings import Settings

SERVER_ERROR = 500


def configure(settings: Settings) -> None:
    """Send structlog's and the standard library's records to stderr in the chosen format.

    Parameters
    ----------
    settings : Settings
        `log_format` and `log_level`.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[Any] = (
        [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
        if settings.log_format == "json"
        # The plain traceback on purpose: richer ones print local variables, tokens among them.
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    # Its start and stop lines say nothing that serve does not say better.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells which dialect it speaks
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class RequestLog:
    """Gives every request an id, logs it in one line, and answers what nobody foresaw.

    Parameters
    ----------
    app : ASGIApp
        What lies behind.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = structlog.stdlib.get_logger("bannergrid.http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = str(uuid.uuid4())
        scope.setdefault("state", {})["request_id"] = request_id
        status: int | None = None

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            self._log.exception("request failed", request_id=request_id, route=route_of(scope))
            if status is not None:
                # Half an answer is out: only a broken connection tells the caller so.
                raise
            await problems.internal(Request(scope))(scope, receive, sending)
        finally:
            write = self._log.error if (status or SERVER_ERROR) >= SERVER_ERROR else self._log.info
            write(
                "request",
                method=scope["method"],
                route=route_of(scope),
                status=status or SERVER_ERROR,
                elapsed_ms=round((time.perf_counter() - started) * 1000, 1),
                request_id=request_id,
            )


def route_of(scope: Scope) -> str:
    """Give the template of the route that answered; the address itself may hold what is private."""
    return getattr(scope.get("route"), "path", None) or "unmatched"
