"""How many requests are worked on at a time: the others wait in the event loop, and hold nothing.

A request needs a thread, and mostly a connection to the database. If all may have a thread, those
with a connection wait for a thread and those with a thread for a connection, and nothing moves. So
only so many come in, each with both at hand. There is a lane for each kind of work, that none
holds up another: answers from memory, questions to the database, what takes seconds (drawings,
lists of addresses), and /ogc, whose connections are its own.

A place is free again as soon as the answer begins: what is sent afterwards, a stream or a file to
a slow reader, needs neither. Files of points and reports (`api/workers`) have limits of their own.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import problems
from api.http.refusals import BUSY
from api.ogc.service import PREFIX as STANDARDS
from api.resources.route_batch.router import PATH as BATCHES
from geo.settings import Settings

# Answered from memory, unless they name a day or an edition.
FROM_MEMORY = frozenset({"/v1/suggest", "/v1/geocode", "/v1/locate", "/v1/route"})
ARCHIVES = "/v1/tiles/"
# What takes seconds, whatever its form.
LONG = ("/v1/maps/", "/v1/hotspots", "/v1/geocode/batch", "/v1/datum/guess")
# Forms of figures that take no drawing and no workbook.
_PLAIN_FORMS = (b"format=json", b"format=csv")
# Threads beside those of the lanes: files of the viewer, files of points, streams that catch up.
THREADS_BESIDE = 24


class BusyError(Exception):
    """All places are taken, and those to wait in too."""


class Lane:
    """So many at a time, and so many who wait, each only so long.

    Parameters
    ----------
    places, waiting : int
    limit_s : float
    """

    def __init__(self, places: int, *, waiting: int, limit_s: float) -> None:
        self._free = places
        self._waiting = waiting
        self._limit_s = limit_s
        self._queue: deque[asyncio.Future[None]] = deque()

    async def enter(self, left: Receive) -> None:
        """Take a place, after a wait where none is free.

        Parameters
        ----------
        left : callable
            Awaited meanwhile; ends when the client goes, who then waits no longer.

        Raises
        ------
        BusyError
            If too many wait already, the wait takes too long, or the client went.
        """
        if self._free:
            self._free -= 1
            return
        if len(self._queue) >= self._waiting:
            raise BusyError
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        gone = asyncio.ensure_future(left())
        entered = False
        try:
            await asyncio.wait(
                {turn, gone}, timeout=self._limit_s, return_when=asyncio.FIRST_COMPLETED
            )
            entered = turn.done() and not gone.done()
        finally:
            gone.cancel()
            if not entered:
                self._give_up(turn)
        if not entered:
            raise BusyError

    def leave(self) -> None:
        """Give a place back: to whoever waits longest."""
        if self._queue:
            self._queue.popleft().set_result(None)
        else:
            self._free += 1

    def _give_up(self, turn: asyncio.Future[None]) -> None:
        if turn.done():
            self.leave()
        else:
            self._queue.remove(turn)


class Lanes:
    """Lets requests in by lanes, each when its turn has come.

    Parameters
    ----------
    app : ASGIApp
        What lies behind.
    settings : Settings
    """

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._max_body = settings.max_body_mb << 20
        self._room = _Room(settings.waiting_bodies_mb << 20)
        lane = partial(Lane, waiting=settings.requests_waiting, limit_s=settings.wait_limit_s)
        self._memory = lane(settings.requests_at_once)
        self._database = lane(settings.requests_at_once)
        self._standards = lane(settings.requests_at_once)
        self._long = lane(settings.drawings_at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in when it is its turn, or say that there is no room."""
        lane = self._lane(scope) if scope["type"] == "http" else None
        if lane is None:
            await self._app(scope, receive, send)
            return
        body = _Body(receive, self._room)
        try:
            # The body comes first: whoever sends it slowly holds no place meanwhile.
            await body.collect(_most_to_read(scope, self._max_body))
            await lane.enter(receive if body.whole else _for_ever)
            await self._inside(lane, scope, body.again, send)
        except BusyError:
            await _refuse(scope, receive, send)
        finally:
            body.drop()

    async def _inside(self, lane: Lane, scope: Scope, receive: Receive, send: Send) -> None:
        inside = True

        def leave() -> None:
            nonlocal inside
            if inside:
                inside = False
                lane.leave()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                leave()
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            leave()

    def _lane(self, scope: Scope) -> Lane | None:
        path, query = scope["path"], scope["query_string"]
        if path == STANDARDS or path.startswith(f"{STANDARDS}/"):
            return self._standards
        if not path.startswith("/v1/") or path == BATCHES:
            return None
        if path.startswith(ARCHIVES):
            return self._memory
        if path in FROM_MEMORY and b"at=" not in query and b"edition=" not in query:
            return self._memory
        if path.startswith(LONG) or (b"format=" in query and not _is_plain(query)):
            return self._long
        return self._database


def threads(settings: Settings) -> int:
    """Give how many threads requests may need at a time."""
    return 3 * settings.requests_at_once + settings.drawings_at_once + THREADS_BESIDE


def _is_plain(query: bytes) -> bool:
    return any(form in query for form in _PLAIN_FORMS)


def _most_to_read(scope: Scope, most: int) -> int:
    """Give how much of a body is read: nothing where it announces more than is taken."""
    announced = next((v for n, v in scope["headers"] if n == b"content-length"), b"0")
    return -1 if announced.isdigit() and int(announced[:20]) > most else most


@dataclass
class _Room:
    """Bytes that bodies may still take."""

    left: int


class _Body:
    """What came of a body, to be read again from its beginning."""

    def __init__(self, receive: Receive, room: _Room) -> None:
        self._receive = receive
        self._room = room
        self._came: deque[Message] = deque()
        self._size = 0
        self.whole = False

    async def collect(self, most: int) -> None:
        """Read it, not much more than `most` of it: `api.http.bodies` refuses what is larger."""
        while not self.whole and self._size <= most:
            message = await self._receive()
            self._came.append(message)
            size = len(message.get("body", b""))
            self._size += size
            self._room.left -= size
            if self._room.left < 0:
                raise BusyError
            self.whole = not message.get("more_body", False)

    async def again(self) -> Message:
        """Give the next message."""
        return self._came.popleft() if self._came else await self._receive()

    def drop(self) -> None:
        """Give back the room that it took."""
        self._room.left += self._size


async def _for_ever() -> Message:
    never: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
    return await never


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    answer = problems.respond(
        Request(scope),
        status=503,
        code="service.busy",
        detail=BUSY,
        headers={"Retry-After": "2"},
    )
    await answer(scope, receive, send)
