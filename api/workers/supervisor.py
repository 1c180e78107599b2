"""Processes beside the service: started, kept for the next piece of work, limited, and ended.

The event loop only passes bytes to them and from them. A process reads its work from its standard
input and ends when that does, so that none outlives the service.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from typing import Self

READ_BYTES = 1 << 16
# What a process may have said before anybody reads it.
BUFFER_BYTES = 1 << 19


class Child:
    """A process with its input and its output."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        self._process = process
        self._input = process.stdin
        self.output = process.stdout

    @classmethod
    async def start(cls, program: str) -> Self:
        """Start a module as a program; it gives way by itself, `geo.files.memory.give_way`."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", program), stdin=PIPE, stdout=PIPE, limit=BUFFER_BYTES
        )
        return cls(process)

    @property
    def alive(self) -> bool:
        """Tell whether the process has not ended."""
        return self._process.returncode is None

    async def send(self, message: bytes) -> None:
        """Write to its input, as fast as it reads."""
        self._input.write(message)
        await self._input.drain()

    async def wait(self) -> int:
        """Wait for its end; gives its exit status, or the signal that ended it as a negative."""
        return await self._process.wait()

    async def end(self) -> None:
        """End it, whatever it is doing."""
        if self.alive:
            with suppress(ProcessLookupError):
                self._process.kill()
        self._input.close()
        # What it had said is taken: asyncio waits for a process until its pipes are empty.
        while await self.output.read(READ_BYTES):
            pass
        await self._process.wait()


class Supervisor:
    """Processes of one program, so many at a time; ends all of them when it is closed.

    Parameters
    ----------
    program : str
        Name of a module.
    places : int
        Pieces of work at a time; whoever starts one takes a place of `places` before.
    idle_s : float
        How long a process that can be used again is kept for the next piece of work.
    """

    def __init__(self, program: str, *, places: int, idle_s: float = 0.0) -> None:
        self.places = asyncio.Semaphore(places)
        self._program = program
        self._idle_s = idle_s
        self._idle: dict[Child, asyncio.TimerHandle] = {}
        self._busy: set[Child] = set()
        self._ending: set[asyncio.Task[None]] = set()

    async def get(self) -> Child:
        """Give a process: one that is kept, else a new one."""
        while self._idle:
            child, timer = self._idle.popitem()
            timer.cancel()
            if child.alive:
                break
        else:
            child = await Child.start(self._program)
        self._busy.add(child)
        return child

    def keep(self, child: Child) -> None:
        """Take back a process that can be used again, if it still runs."""
        self._busy.discard(child)
        if child.alive and self._idle_s > 0:
            timer = asyncio.get_running_loop().call_later(self._idle_s, self._tire, child)
            self._idle[child] = timer
        else:
            self.end(child)

    def end(self, child: Child) -> asyncio.Task[None]:
        """End a process; nobody has to wait for that."""
        self._busy.discard(child)
        task = asyncio.get_running_loop().create_task(child.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        return task

    def _tire(self, child: Child) -> None:
        self._idle.pop(child, None)
        self.end(child)

    async def close(self) -> None:
        """End every process, and wait until they have ended."""
        for timer in self._idle.values():
            timer.cancel()
        for child in (*self._idle, *self._busy):
            self.end(child)
        self._idle.clear()
        await asyncio.gather(*self._ending, return_exceptions=True)
