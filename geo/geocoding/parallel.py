"""Addresses of files read by several processes, or machines: what each is given, and answers."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from geo.files.parallel import Work, WorkerLostError
from geo.geocoding import outputs, service
from geo.geocoding.service import Loaded, Read
from geo.settings import Settings

__all__ = ["Answers", "Seed", "State", "WorkerLostError", "answer", "start", "work"]

Texts = list[str | None]
# The answers as they stand in a file, and how many of them are accepted.
Answers = tuple[pa.Table, int]


@dataclass(frozen=True)
class Seed:
    """What another process is given."""

    read: Read
    settings: Settings
    marks: dict[str, Any]


@dataclass(frozen=True)
class State:
    """What answers.

    Parameters
    ----------
    loaded : Loaded
    settings : Settings
        See `geo.geocoding.service.with_acceptance`.
    marks : dict
        See `geo.geocoding.outputs.written`.
    """

    loaded: Loaded
    settings: Settings
    marks: dict[str, Any]


def work(state: State) -> Work[Seed, State, Texts, Answers]:
    """Say what is done with the addresses of a chunk."""
    loaded = state.loaded
    read = Read(loaded.edition, loaded.revision, loaded.places, loaded.grids)
    return Work(Seed(read, state.settings, state.marks), start, answer)


def start(seed: Seed) -> State:
    """Make the gazetteer ready in another process."""
    return State(service.ready(seed.read), seed.settings, seed.marks)


def answer(state: State, texts: Texts) -> Answers:
    """Answer the addresses of a chunk."""
    found = service.located(state.loaded, texts, settings=state.settings)
    return outputs.written(found, state.marks), int(found["accepted"].sum())
