"""Changes as server-sent events: one stream a follower, all fed by the process's one listener.

References
----------
HTML Living Standard, section 9.2, "Server-sent events": `id`, `data` and `retry` lines; a block
without data dispatches nothing, but its id is kept.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from api.auth.principal import Principal
from api.resources.changes import schemas as shapes
from geo.changes.live import Feed
from geo.changes.model import Change, Page
from geo.changes.repository import CursorGoneError
from geo.changes.rules import Cursor, cursor_at, cursor_of

MEDIA_TYPE = "text/event-stream"
# A silent connection is cut by proxies; most wait for a minute.
HEARTBEAT_S = 15.0
# How long a client waits before it comes again.
RETRY_MS = 2000
# So many followers read from the database at a time; other requests want connections too.
CATCH_UP_AT_ONCE = 4


class Streams:
    """Makes the streams of one service.

    Parameters
    ----------
    feed : Feed
    read : callable
        Gives the page behind a cursor from the database, for somebody; called in a thread.
    """

    def __init__(self, feed: Feed, read: Callable[[Cursor | None, Principal], Page]) -> None:
        self._feed = feed
        self._read = read
        self._turns = asyncio.Semaphore(CATCH_UP_AT_ONCE)

    async def follow(
        self, cursor: Cursor | None, kinds: Collection[str], principal: Principal
    ) -> AsyncIterator[bytes]:
        """Give what follows a cursor, as it happens, until the client or the service goes.

        Where the database is away, or can no longer tell what follows, the stream ends: the client
        comes again with the id that it has, and is told then.

        Parameters
        ----------
        cursor : Cursor, optional
            From the oldest change that is kept where there is none.
        kinds : collection of str
            Only changes of these kinds; of all where none is named.
        principal : Principal
            Who follows.
        """
        loop, news = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(news.set)

        said = cursor
        with self._feed.following(wake):
            yield f"retry: {RETRY_MS}\n\n".encode()
            while not self._feed.closed:
                news.clear()
                try:
                    changes, cursor = await self._after(cursor, principal)
                except (SQLAlchemyError, CursorGoneError):
                    return
                wanted = [each for each in changes if not kinds or each.kind in kinds]
                if wanted:
                    said = cursor_at(wanted[-1])
                    yield b"".join(map(_event, wanted))
                if changes:
                    continue
                try:
                    await asyncio.wait_for(news.wait(), HEARTBEAT_S)
                except TimeoutError:
                    # What was passed over need not be read again by whoever comes again.
                    yield f"id: {cursor}\n\n".encode() if cursor != said else b":\n\n"
                    said = cursor

    async def _after(
        self, cursor: Cursor | None, principal: Principal
    ) -> tuple[tuple[Change, ...], Cursor]:
        changes = None
        # What is in memory was read for somebody who sees everything.
        if cursor is not None and principal.sees_everything:
            changes = self._feed.recent(cursor)
        if cursor is None or changes is None:
            async with self._turns:
                page = await run_in_threadpool(self._read, cursor, principal)
            return page.changes, cursor_of(page.next)
        return changes, cursor_at(changes[-1]) if changes else cursor


def _event(change: Change) -> bytes:
    said = shapes.Change.model_validate(change, from_attributes=True).model_dump_json()
    return f"id: {cursor_at(change)}\ndata: {said}\n\n".encode()
