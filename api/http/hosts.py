"""By which names the service is called: others are refused, links are made with the public one.

A page of another site can have its own name lead to this address (DNS rebinding), and its script
is then of the same origin as ours. It cannot change the name that its requests carry.
"""

import ipaddress
import socket
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http import problems
from api.http.problems import echo
from api.http.refusals import WRONG_HOST
from geo.settings import Settings

MISDIRECTED = 421
# Whoever watches over the service asks by any name, and is told nothing that is worth a name.
OPEN = "/healthz"
LOOPBACK = "localhost"


class Hosts:
    """The names of a service.

    Parameters
    ----------
    settings : Settings
        `host`, which it listens on, and `public_url`.
    """

    def __init__(self, settings: Settings) -> None:
        named = {LOOPBACK, settings.host.lower()}
        if not is_loopback(settings.host):
            machine = socket.gethostname().lower()
            named |= {machine, machine.partition(".")[0]}
        if settings.public_url is not None:
            named.add(urlsplit(settings.public_url).hostname or "")
        # Few hosts are asked for, by many requests.
        self._known = lru_cache(maxsize=1024)(lambda host, at: _is_known(host, at, named))

    def know(self, scope: Scope) -> bool:
        """Tell whether a request calls the service by a name of its own, or asks for `OPEN`."""
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        server = scope.get("server")
        at = server[0].removeprefix("::ffff:") if server else None
        return (len(hosts) == 1 and self._known(hosts[0], at)) or scope["path"] == OPEN


class OwnHosts:
    """Refuses requests for other hosts, and lets links be made with the public address.

    Parameters
    ----------
    app : ASGIApp
        What lies behind.
    hosts : Hosts
    public_url : str, optional
    """

    def __init__(self, app: ASGIApp, *, hosts: Hosts, public_url: str | None) -> None:
        self._app = app
        self._hosts = hosts
        self._public = urlsplit(public_url) if public_url is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if not self._hosts.know(scope):
            request = Request(scope)
            host = echo(request.headers.get("host", ""))
            answer = problems.respond(
                request,
                status=MISDIRECTED,
                code="host.unknown",
                detail=WRONG_HOST.filled(host=host),
            )
            await answer(scope, receive, send)
            return
        if self._public is not None:
            # In place: the log reads the route from this very scope.
            scope["scheme"] = self._public.scheme
            others = [pair for pair in scope["headers"] if pair[0] != b"host"]
            scope["headers"] = [(b"host", self._public.netloc.encode()), *others]
        await self._app(scope, receive, send)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == LOOPBACK


def _is_known(host: bytes, at: str | None, named: set[str]) -> bool:
    name = _name(host)
    # The address that the connection came to is ours, whatever else we are called.
    return name is not None and (name in named or name == at or is_loopback(name))


def _name(host: bytes) -> str | None:
    """Give the name or address in a Host header, without its port; None where it is none."""
    try:
        parts = urlsplit(f"//{host.decode('ascii')}")
        _ = parts.port
    except ValueError:
        return None
    if parts.netloc != parts.netloc.strip() or parts.path or parts.query or parts.fragment:
        return None
    return (parts.hostname or "").removesuffix(".") or None if "@" not in parts.netloc else None
