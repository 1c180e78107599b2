"""`bannergrid serve`: the service on this machine, with one link to open it."""

import contextlib
import math
import signal
import socket
import sys
import webbrowser
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from api.cli import settings as read_settings
from api.commands.language import text
from geo.errors import ConflictError, InputError, UnavailableError

if TYPE_CHECKING:
    import uvicorn

    from geo.settings import Settings

PORTS_TRIED = 20
GRACE_S = 30
BACKLOG = 2048


class PortTakenError(ConflictError):
    """Somebody else listens on the port that was asked for."""

    code = "serve.port_taken"
    zh = "{host} 的端口 {port} 已被占用，请用 --port 换一个（--port 0 自动选择）。"
    en = "Port {port} of {host} is taken; choose another with --port (--port 0 takes a free one)."


class AddressError(InputError):
    """The address to listen on is not one of this machine's."""

    code = "serve.address"
    zh = "无法在 {host} 上监听：{said}。请检查 --host。"
    en = "Cannot listen on {host}: {said}. Check --host."


def listen(host: str, port: int, *, exact: bool) -> socket.socket:
    """Take a port before anything slow is started.

    Parameters
    ----------
    host : str
        Name or address of this machine.
    port : int
        0 takes a free one.
    exact : bool
        Whether the port was asked for by name; otherwise the next free one of twenty will do.

    Returns
    -------
    socket
        Bound and listening.

    Raises
    ------
    PortTakenError
        If the port, or each of the twenty, is taken.
    AddressError
        If the address is none of this machine's, or the port is not ours to take.
    """
    last = port if exact or port == 0 else min(port + PORTS_TRIED - 1, 65535)
    for candidate in range(port, last + 1):
        try:
            family = socket.getaddrinfo(host, candidate, type=socket.SOCK_STREAM)[0][0]
            made = socket.create_server((host, candidate), family=family, backlog=BACKLOG)
        except OSError as error:
            if not _taken(error):
                said = error.strerror or type(error).__name__
                raise AddressError(host=host, said=said) from error
        else:
            # Connections inherit it. Without it an answer, sent as head and body, waits 40 ms for
            # the other side's delayed acknowledgement: asyncio sets it on its own sockets only.
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return made
    raise PortTakenError(host=host, port=port)


def _taken(error: OSError) -> bool:
    import errno

    return error.errno == errno.EADDRINUSE


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does, so that what it opened is closed behind it."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    except KeyboardInterrupt:
        click.echo(text("已停止。", "Stopped."), err=True)
    finally:
        signal.signal(signal.SIGTERM, before)


@click.command(
    "serve",
    help=text(
        "启动服务，打印一个带令牌的链接。Ctrl-C 停止。",
        "Serve the maps and the API, and print one link with a token. Ctrl-C stops it.",
    ),
)
@click.option("--host", help=text("监听地址（默认 127.0.0.1）", "Address (default 127.0.0.1)"))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=text(
        "端口（默认 8000，被占用时取下一个空闲端口；0 为任意空闲端口）",
        "Port (default 8000, or the next free one; 0 takes any free one)",
    ),
)
@click.option(
    "--open/--no-open",
    "open_page",
    default=False,
    help=text("在浏览器中打开链接", "Open the link in a browser"),
)
@click.pass_context
def command(ctx: click.Context, host: str | None, port: int | None, *, open_page: bool) -> None:
    """Hold the data folder, take the port, open the database, and serve until told to stop."""
    settings = read_settings(ctx, host=host, port=port)
    with stopped_by_signals(), contextlib.ExitStack() as stack:
        from geo.db import cluster

        if settings.database_url is None:
            # Several services may share a server; an embedded database has one.
            stack.enter_context(cluster.serve_lock(settings.data))
        listener = stack.enter_context(
            listen(settings.host, settings.port, exact="port" in settings.model_fields_set)
        )
        _serve(settings, listener, open_page=open_page)


def _serve(settings: "Settings", listener: socket.socket, *, open_page: bool) -> None:
    import uvicorn
    from sqlalchemy.orm import Session

    from api.auth import tokens
    from api.http import logs
    from api.http.app import create_app
    from api.http.connections import LimitedProtocol, Limits, raise_descriptors
    from api.http.hosts import is_loopback
    from geo.coverage import service as coverage
    from geo.db.engine import open_engine, service_connections

    logs.configure(settings)
    given = settings.token.get_secret_value() if settings.token else None
    reachable = not is_loopback(settings.host)
    if given is not None:
        tokens.check(given, reachable=reachable or settings.public_url is not None)
    token = given or tokens.make()
    if reachable:
        _warn_reachable(settings.host)
    port = listener.getsockname()[1]
    if settings.port not in (port, 0):
        taken = text(
            f"端口 {settings.port} 已被占用，改用 {port}。",
            f"Port {settings.port} is taken; using {port}.",
        )
        click.echo(taken, err=True)
    address = settings.public_url or f"http://{_named(settings.host)}:{port}"
    link = f"{address}/?token={quote(token)}"
    connections = service_connections(settings)
    with open_engine(settings, watched=True, connections=connections) as engine:
        with Session(engine) as session, session.begin():
            coverage.refresh_after_load(session, "", settings=settings)
        _leave_root(settings)
        app = create_app(settings, engine, token=token)
        limits = Limits.of(settings, descriptors=raise_descriptors())
        config = uvicorn.Config(
            app,
            access_log=False,  # its lines hold query strings; ours do not
            log_config=None,
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies or None,
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=math.ceil(settings.keep_alive_s),
            http=partial(LimitedProtocol, limits=limits, leaving=set()),  # type: ignore[arg-type]
            ws="none",
        )
        server = _announcing(
            config,
            ready=lambda: _announce(link, open_page=open_page),
            leaving=app.state.feed.close,
        )
        server.run(sockets=[listener])


def _leave_root(settings: "Settings") -> None:
    """Go on as the database's account where root started this; say so where that cannot be."""
    import fastapi
    import numpy as np
    import structlog

    from geo.db import privileges
    from layers.assets import FOLDER as ASSETS

    embedded = settings.database_url is None
    data = settings.data if embedded or "data" in settings.model_fields_set else None
    try:
        account = privileges.account_for(data, run_as=settings.run_as, embedded=embedded)
        if account is None:
            return
        code = [__file__, contextlib.__file__, fastapi.__file__, np.__file__, sys.executable]
        privileges.drop(
            account,
            data=data.resolve() if data is not None else None,
            program=[*(Path(each).absolute() for each in code), ASSETS],
        )
    except UnavailableError as error:
        if settings.run_as is not None:
            raise
        structlog.stdlib.get_logger("bannergrid.serve").warning(error.message(settings.language))


def _announcing(
    config: "uvicorn.Config", *, ready: Callable[[], None], leaving: Callable[[], None]
) -> "uvicorn.Server":
    import uvicorn

    from api.http.connections import SWEEP_TICKS, sweep

    class Server(uvicorn.Server):
        """Says that it is ready when it is, and that it leaves before it waits for answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            ready()

        async def on_tick(self, counter: int) -> bool:
            if counter % SWEEP_TICKS == 0:
                sweep(self.server_state.connections)
            return await super().on_tick(counter)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            # A stream is an answer that never ends by itself.
            leaving()
            await super().shutdown(sockets=sockets)

    return Server(config)


def _announce(link: str, *, open_page: bool) -> None:
    # To stdout and flushed: the one line that scripts and people wait for; never to the log.
    click.echo(text("在浏览器中打开：", "Open in a browser: ") + link)
    sys.stdout.flush()
    if open_page:
        webbrowser.open(link)


def _named(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _warn_reachable(host: str) -> None:
    click.secho(
        text(
            f"注意：{host} 可从其他机器访问，传输未加密；请在前面放置提供 HTTPS 的反向代理。",
            f"Note: other machines can reach {host}, and nothing is encrypted; put a reverse "
            "proxy with HTTPS in front.",
        ),
        fg="yellow",
        err=True,
    )
