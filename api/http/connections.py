"""Connections: how large and how slow a request may be, and how many there are at a time.

Uvicorn's protocol takes a head of any length for any time, and forgets nobody who says nothing.
Here a head has a largest size and a time, bodies and readers have to get on, and where all
connections are taken, the one that has kept us waiting longest gives way.
"""

import heapq
import json
import re
import resource
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self, cast

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from api.http import logs
from api.http.problems import MEDIA_TYPE
from api.http.refusals import CONNECTION, TITLES
from geo.errors import Language
from geo.settings import Settings

# Descriptors beside connections: files, the database, processes' pipes.
DESCRIPTORS_BESIDE = 512
MOST_DESCRIPTORS = 65_536
FEWEST_CONNECTIONS = 64
# What chunks may cost beside what they carry: a byte each is six.
FRAMING_BYTES, FRAMING_TIMES = 64 << 10, 8
GIVE_WAY_PART = 20
SWEEP_TICKS = 10  # of uvicorn's, a tenth of a second each


@dataclass(frozen=True)
class Limits:
    """What one connection may do, and how many there may be; see `geo.settings`."""

    language: Language
    connections: int
    head_bytes: int
    head_s: float
    headers: int
    url_bytes: int
    body_stall_s: float
    body_bytes_per_s: int
    send_stall_s: float
    keep_alive_s: float

    @classmethod
    def of(cls, settings: Settings, *, descriptors: int) -> Self:
        """Give those of a site, with no more connections than there are descriptors for."""
        spare = max(descriptors - DESCRIPTORS_BESIDE, FEWEST_CONNECTIONS)
        return cls(
            language=settings.language,
            connections=min(settings.max_connections, spare),
            head_bytes=settings.head_kb << 10,
            head_s=settings.head_limit_s,
            headers=settings.max_headers,
            url_bytes=settings.url_kb << 10,
            body_stall_s=settings.body_stall_s,
            body_bytes_per_s=settings.body_bytes_per_s,
            send_stall_s=settings.send_stall_s,
            keep_alive_s=settings.keep_alive_s,
        )


def raise_descriptors() -> int:
    """Let this process open as many files as it may; gives how many those are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    infinite = resource.RLIM_INFINITY
    wanted = MOST_DESCRIPTORS if hard == infinite else min(hard, MOST_DESCRIPTORS)
    if soft != infinite and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return MOST_DESCRIPTORS if soft == infinite else soft


def sweep(connections: Iterable[Any]) -> None:
    """End what has kept us waiting too long; called every second."""
    now_s = time.monotonic()
    for each in tuple(connections):
        cast("LimitedProtocol", each).sweep(now_s)


class LimitedProtocol(HttpToolsProtocol):
    """Uvicorn's protocol with limits.

    Parameters
    ----------
    limits : Limits
    leaving : set
        Of all connections of a service: those that gave way and are not gone yet.
    **how
        As uvicorn gives it.
    """

    def __init__(self, *, limits: Limits, leaving: "set[LimitedProtocol]", **how: Any) -> None:
        super().__init__(**how)
        self._limits = limits
        self._leaving = leaving
        self._in_head = True
        self._head_began = False
        self._head_bytes = 0
        self._heads = 0
        self._fault: int | None = None
        # Of a body: bytes that came, with their framing and without, and how long we waited.
        self._framed_bytes = self._body_bytes = 0
        self._body_wait_s = 0.0
        self._unsent_bytes = 0
        self._running: RequestResponseCycle | None = None
        # When the client last did something; when what we sent last got on; the last sweep.
        self._since_s = self._sent_s = self._swept_s = time.monotonic()

    # What uvicorn and the parser call.

    def connection_made(self, transport: Any) -> None:
        """Take a connection, in place of another where there are too many."""
        super().connection_made(transport)
        most = self._limits.connections
        if len(self.connections) - len(self._leaving) <= most:
            return
        others = cast("set[LimitedProtocol]", self.connections) - {self}
        waits = [(since, id(each), each) for each in others if (since := each.waits_since)]
        # Several at a time: to look at all of them for each would take longer than they do.
        for _, _, each in heapq.nsmallest(max(most // GIVE_WAY_PART, 1), waits):
            each.give_way()
        if not waits:
            self._refuse(503)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._leaving.discard(self)
        # Uvicorn tells the request that came last, which may be none that is worked on.
        self.pipeline.clear()
        if self._running is not None:
            self._running.disconnected = True
            self._running.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, of a head no more than is left of its limit."""
        while data and not self.transport.is_closing():
            room = self._limits.head_bytes - self._head_bytes if self._in_head else len(data)
            self._take(data[:room])
            data = data[room:]

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._head_began = True
        self._since_s = time.monotonic()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        if len(self.url) + len(url) > self._limits.url_bytes:
            self._fault = self._fault or 414
        else:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; those behind a body come when the request is long being answered."""
        if not self._in_head:
            return
        if len(self.headers) >= self._limits.headers:
            self._fault = self._fault or 431
        else:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """End a head."""
        self._in_head, self._head_began = False, False
        self._heads += 1
        self._head_bytes = self._framed_bytes = self._body_bytes = 0
        self._body_wait_s = 0.0
        if self._fault is None:
            if not self.url.startswith(b"/"):
                self._take_host_of_address()
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        if self._fault is not None:
            return
        self._body_bytes += len(body)
        if not self.cycle.response_complete:
            self._since_s = time.monotonic()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request; the next head may come."""
        self._in_head = True
        if self._fault is None:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """End an answer; the client may ask again."""
        self._since_s = time.monotonic()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        del msg
        self._refuse(400)

    # What happens by time.

    @property
    def waits_since(self) -> float | None:
        """Give since when the client has kept us waiting; None where it is our turn."""
        if self.transport.is_closing():
            return None
        if self.flow.write_paused:
            return self._sent_s
        answered = self.cycle is None or self.cycle.response_complete
        if answered or not (self._in_head or self.flow.read_paused):
            return self._since_s
        return None

    def give_way(self) -> None:
        """End this connection for the sake of another."""
        self._leaving.add(self)
        if self._head_began:
            self._refuse(503)
        elif self._in_head and not self.flow.write_paused:
            self.transport.close()
        else:
            self.transport.abort()

    def sweep(self, now_s: float) -> None:
        """End this connection if it has kept us waiting too long."""
        passed_s, self._swept_s = now_s - self._swept_s, now_s
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent < self._unsent_bytes:
            self._sent_s = now_s
        self._unsent_bytes = unsent
        limits, waited_s = self._limits, now_s - self._since_s
        answered = self.cycle is None or self.cycle.response_complete
        if now_s - self._sent_s > limits.send_stall_s:
            self.transport.abort()
        elif self.transport.is_closing():
            return
        elif self._in_head:
            silent = self._head_began or self.cycle is None
            if answered and waited_s > (limits.head_s if silent else limits.keep_alive_s):
                self.transport.close() if not self._head_began else self._refuse(408)
        elif answered:
            # What is still sent behind an answer that did not need it is of no use.
            if waited_s > limits.head_s:
                self.transport.close()
        elif not self.flow.read_paused:
            self._body_wait_s += passed_s
            if self._body_wait_s > limits.body_stall_s + self._body_bytes / limits.body_bytes_per_s:
                self._refuse(408)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _take(self, piece: bytes) -> None:
        in_head, heads = self._in_head, self._heads
        super().data_received(piece)
        if self.transport.is_closing():
            return
        same = heads == self._heads
        if self._fault is not None:
            self._refuse(self._fault)
        elif in_head and same:
            self._head_bytes += len(piece)
            if self._head_bytes >= self._limits.head_bytes:
                self._refuse(431)
        elif same and not self._in_head:
            self._framed_bytes += len(piece)
            if self._framed_bytes > FRAMING_BYTES + FRAMING_TIMES * self._body_bytes:
                self._refuse(400)

    def _take_host_of_address(self) -> None:
        """Let a whole address say which host is meant (RFC 9112, 3.2.2)."""
        _, whole, rest = self.url.partition(b"://")
        if whole:
            host = re.split(rb"[/?#]", rest, maxsplit=1)[0]
            own = [(name, host if name == b"host" else value) for name, value in self.headers]
            self.headers[:] = own

    def _refuse(self, status: int) -> None:
        """Say what is wrong where nothing else was said yet, and end the connection."""
        begun = self.cycle is not None and not self.cycle.response_complete
        of_next = self._in_head or self._fault is not None
        if begun and (of_next or self.cycle.response_started):
            # What would be read now is taken for the answer to the request before.
            self.transport.abort()
            return
        client = self.client[0] if self.client else None
        request_id = logs.new_id()
        logs.log_request("-", "unread", status, time.perf_counter(), request_id, client=client)
        self.transport.write(_answer(status, self._limits.language, request_id))
        self.transport.close()


def _answer(status: int, language: Language, request_id: str) -> bytes:
    code, detail = CONNECTION[status]
    problem = {
        "type": f"urn:bannergrid:problem:{code}",
        "title": TITLES[status].text(language),
        "status": status,
        "detail": detail.text(language),
        "code": code,
        "instance": f"urn:uuid:{request_id}",
        "request_id": request_id,
    }
    body = json.dumps(problem, ensure_ascii=False).encode()
    headers = {
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Content-Language": language,
        "Cache-Control": "no-store",
        "X-Request-Id": request_id,
        "X-Content-Type-Options": "nosniff",
        "Connection": "close",
    }
    if status == 503:  # noqa: PLR2004 - what asks to come again
        headers["Retry-After"] = "2"
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return STATUS_LINE[status] + lines.encode() + b"\r\n" + body
