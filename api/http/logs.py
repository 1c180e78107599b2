"""Structured logs: one line a request, never a query string, a coordinate or a token."""

import logging
import random
import sys
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import problems
from geo.settings import Settings

SERVER_ERROR = 500
# Whoever tries doors is named in the log; whoever is let in is not.
REFUSED = frozenset({401, 421, 429})

_lines = logging.getLogger("bannergrid.http")


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
        _Formatter(
            as_json=settings.log_format == "json",
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    # Its start and stop lines say nothing that serve does not say better.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    # What is no HTTP is logged with its client, see `api.http.connections`.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells which dialect it speaks
    logging.getLogger("pyogrio").setLevel(logging.WARNING)  # it counts what it writes
    # A database that is away is told by whoever asks it, in a line; this pool adds its traces.
    logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Writes lines of requests by hand: a line of each request, ten times as fast.

    Parameters
    ----------
    as_json : bool
    **how
        Of structlog's formatter, which writes everything else, in the same two forms.
    """

    def __init__(self, *, as_json: bool, **how: Any) -> None:
        super().__init__(**how)
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Write one line."""
        fields: dict[str, Any] | None = getattr(record, "request", None)
        if fields is None:
            return super().format(record)
        second, part = divmod(record.created, 1)
        at = f"{_second(int(second))}.{int(part * 1e6):06d}Z"
        level = record.levelname.lower()
        if self._as_json:
            head = {"event": "request", "level": level, "logger": record.name, "timestamp": at}
            return orjson.dumps(fields | head).decode()
        said = " ".join(f"{name}={value}" for name, value in fields.items())
        return f"{at} [{level:9}] {'request':30} [{record.name}] {said}"


@lru_cache(maxsize=1)
def _second(since_1970: int) -> str:
    return datetime.fromtimestamp(since_1970, UTC).strftime("%Y-%m-%dT%H:%M:%S")


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
        started_s = time.perf_counter()
        request_id = new_id()
        scope.setdefault("state", {})["request_id"] = request_id
        tag = request_id.encode()
        status: int | None = None

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", tag)]
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
            status = status or SERVER_ERROR
            client = scope["client"][0] if status in REFUSED and scope.get("client") else None
            log_request(
                scope["method"], route_of(scope), status, started_s, request_id, client=client
            )


def new_id() -> str:
    """Make the id of a request: a random UUID (RFC 9562, version 4)."""
    digits = f"{random.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def log_request(
    method: str,
    route: str,
    status: int,
    started_s: float,
    request_id: str,
    *,
    client: str | None = None,
) -> None:
    """Log a request in one line.

    Parameters
    ----------
    method : str
    route : str
        Template of the route that answered, see `route_of`.
    status : int
    started_s : float
        When it came, by `time.perf_counter`.
    request_id : str
    client : str, optional
        Address of whoever asked; only of what was refused, see `REFUSED`.
    """
    level = logging.ERROR if status >= SERVER_ERROR else logging.INFO
    if _lines.isEnabledFor(level):
        fields = {
            "elapsed_ms": round((time.perf_counter() - started_s) * 1000, 1),
            "method": method,
            "request_id": request_id,
            "route": route,
            "status": status,
        }
        if client is not None:
            fields["client"] = client
        _lines.handle(_Line(level, fields))


class _Line(logging.LogRecord):
    """The record of a request, made without a look at the stack, the thread and the process."""

    def __init__(self, level: int, fields: dict[str, Any]) -> None:
        # The base would look at all of that again, for every request.
        now = time.time()
        self.__dict__ = _ANY_LINE | {
            "levelno": level,
            "levelname": logging.getLevelName(level),
            "created": now,
            "msecs": now % 1 * 1000,
            "request": fields,
        }


_ANY_LINE = vars(logging.LogRecord(_lines.name, logging.INFO, "", 0, "request", (), None))


def route_of(scope: Scope) -> str:
    """Give the template of the route that answered; the address itself may hold what is private."""
    return getattr(scope.get("route"), "path", None) or "unmatched"
