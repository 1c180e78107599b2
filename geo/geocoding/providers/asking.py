"""One GET to somebody else's server, over within a time whatever that server does.

The standard library's client is enough for a few hundred bytes, so the product gains no dependency
for what most sites never switch on. Its time-out counts anew with every byte: a server that drips
is waited for without end. So a thread asks, and who waits for it waits so long and no longer.
"""

import socket
import threading
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
    build_opener,
)

MAX_ANSWER_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 16


class TooLongError(OSError):
    """The answer has more bytes than any answer has."""


class _NoRedirects(HTTPRedirectHandler):
    """A provider that sends us elsewhere would send the key along."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class _Opened(list[HTTPConnection]):
    """The connections of one question, so that they can be ended from outside."""

    def make(self, *given: Any, **named: Any) -> HTTPConnection:
        return self._noted(HTTPConnection(*given, **named))

    def make_secure(self, *given: Any, **named: Any) -> HTTPConnection:
        return self._noted(HTTPSConnection(*given, **named))

    def _noted(self, made: HTTPConnection) -> HTTPConnection:
        self.append(made)
        return made

    def end(self) -> None:
        """Let whoever reads from them read no more."""
        for each in self:
            if each.sock is not None:
                with suppress(OSError):
                    each.sock.shutdown(socket.SHUT_RDWR)


def get(url: str, *, limit_s: float) -> bytes:
    """Give what an address answers, within a time.

    Parameters
    ----------
    url : str
        http or https.
    limit_s : float
        Most seconds for all of it: finding the host, connecting, and every byte.

    Raises
    ------
    TimeoutError
        If it is not over by then.
    HTTPError
        If its status is none of success, a redirect among them.
    OSError, HTTPException
        If nobody is there, or what is there speaks no HTTP.
    TooLongError
        If it answers more than `MAX_ANSWER_BYTES`.
    """
    question = _Question(url, limit_s)
    # A name server that does not answer cannot be stopped: the process does not wait for it to end.
    threading.Thread(target=question.ask, daemon=True).start()
    return question.answer()


class _Question:
    def __init__(self, url: str, limit_s: float) -> None:
        self._url = url
        self._limit_s = limit_s
        self._over_at = time.monotonic() + limit_s
        self._opened = _Opened()
        self._done = threading.Event()
        self._body = b""
        self._error: Exception | None = None

    def ask(self) -> None:
        try:
            with self._opener().open(Request(self._url), timeout=self._limit_s) as got:  # noqa: S310
                self._body = self._read(got)
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            self._error = error
        finally:
            self._done.set()

    def answer(self) -> bytes:
        if not self._done.wait(self._over_at - time.monotonic()):
            self._opened.end()
            raise TimeoutError
        if self._error is not None:
            raise self._error
        return self._body

    def _read(self, got: HTTPResponse) -> bytes:
        body = bytearray()
        while chunk := got.read1(_CHUNK_BYTES):
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                raise TooLongError
            if time.monotonic() > self._over_at:
                raise TimeoutError
        return bytes(body)

    def _opener(self) -> OpenerDirector:
        opened = self._opened

        class Plain(HTTPHandler):
            def http_open(self, request: Request) -> HTTPResponse:
                return self.do_open(opened.make, request)

        class Secure(HTTPSHandler):
            def https_open(self, request: Request) -> HTTPResponse:
                return self.do_open(opened.make_secure, request)

        return build_opener(_NoRedirects(), Plain(), Secure())
