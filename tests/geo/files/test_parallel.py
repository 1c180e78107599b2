"""Chunks that are answered by several processes, and what becomes of a process that is killed."""

import multiprocessing
import os
import threading
import time

import pytest

from geo.files.parallel import Work, WorkerLostError, map_chunks

pytestmark = pytest.mark.slow

MOMENTS_S = [nth / 500 for nth in range(40)]  # while processes start, and when they work


def start(added: int) -> int:
    return added


def answer(added: int, asked: int) -> int:
    time.sleep(0.01)
    return asked + added


WORK = Work(1, start, answer)


def plain(chunk: int) -> int:
    return chunk


@pytest.mark.parametrize("processes", [1, 3])
def test_answers_come_in_order(processes: int) -> None:
    got = list(map_chunks(range(20), plain, WORK, processes=processes))
    assert got == [(chunk, chunk + 1) for chunk in range(20)]


def test_a_process_may_be_killed_at_any_moment() -> None:
    before = set(multiprocessing.active_children())
    for moment in MOMENTS_S:

        def kill_one(wait: float = moment) -> None:
            while not (there := set(multiprocessing.active_children()) - before):
                time.sleep(0.0005)
            time.sleep(wait)
            there.pop().kill()

        killer = threading.Thread(target=kill_one)
        killer.start()
        with pytest.raises(WorkerLostError):
            list(map_chunks(range(100), plain, WORK, processes=2))
        killer.join()
        assert set(multiprocessing.active_children()) == before


def die(_seed: int) -> int:
    """End this process before it has read anything."""
    os._exit(9)


def count(_state: int, asked: bytes) -> int:
    """Answer with the number of bytes."""
    return len(asked)


def test_chunks_larger_than_a_pipe_do_not_wait_for_processes_that_are_gone() -> None:
    chunks = [bytes(2_000_000)] * 6
    with pytest.raises(WorkerLostError):
        list(map_chunks(chunks, lambda chunk: chunk, Work(0, die, count), processes=2))
