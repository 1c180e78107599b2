"""Which states an incident goes through, and what makes two reports the same request."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from geo.errors import ConflictError, InputError
from geo.incidents.model import State

FIRST, CLOSED = "collected", "closed"


class MoveError(ConflictError):
    """An incident does not come into this state from the one it is in."""

    code = "incident.move"
    zh = "事件现为“{state_zh}”，不能转为“{wanted_zh}”；可以转为：{allowed_zh}。"
    en = "The incident is {state} and cannot become {wanted}; it can become: {allowed}."


class SolvedLevelError(InputError):
    """The level that solved an incident is given when it is closed, and only then."""

    code = "incident.solved_at_level"
    zh = (
        "结案（closed）时必须写明解决层级 solved_at_level（grid、community 或 above），"
        "其他时候不写；收到状态 {state}、层级 {level}。"
    )
    en = (
        "solved_at_level (grid, community or above) is told with the state closed, and only then; "
        "what came is state {state} and level {level}."
    )


@cache
def states() -> dict[str, State]:
    """Give the states by code, in the order of the flow."""
    path = Path(__file__).with_name("states.toml")
    listed = tomllib.loads(path.read_text(encoding="utf-8"))["state"]
    return {
        each["code"]: State(
            code=each["code"],
            name=each["zh"],
            name_en=each["en"],
            words=(each["code"], each["zh"], *each["aliases"]),
            next=tuple(each["next"]),
            ended=each.get("ended", False),
        )
        for each in listed
    }


@cache
def _by_word() -> dict[str, State]:
    return {word: state for state in states().values() for word in state.words}


def state_of(word: str) -> State | None:
    """Give the state that a word of a file means; None where nobody knows."""
    return _by_word().get(word.strip())


def words_of(code: str) -> tuple[str, ...]:
    """Give every word under which incidents in a state are stored."""
    return states()[code].words


def ended_words() -> tuple[str, ...]:
    """Give every word of a state in which an incident is no longer routed."""
    return tuple(word for state in states().values() if state.ended for word in state.words)


def has_ended(state: str, closed_at: datetime | None) -> bool:
    """Tell whether an incident is no longer routed: its state says so, or its end is known."""
    known = state_of(state)
    return closed_at is not None or (known is not None and known.ended)


def check_move(now: str, wanted: str) -> None:
    """Refuse a state that does not follow; from a word that nobody knows every state does.

    Parameters
    ----------
    now : str
        Word of the state that the incident is in.
    wanted : str
        Code of the state that it is to come into.

    Raises
    ------
    MoveError
    """
    state = state_of(now)
    if state is None or wanted in state.next:
        return
    known = states()
    raise MoveError(
        state=state.code,
        state_zh=state.name,
        wanted=wanted,
        wanted_zh=known[wanted].name,
        allowed=", ".join(state.next),
        allowed_zh="、".join(known[code].name for code in state.next),
    )


def may_become(now: str) -> tuple[str, ...]:
    """Give the codes of the states that may follow; of a word that nobody knows, all of them."""
    state = state_of(now)
    return tuple(states()) if state is None else state.next


def check_solved(state: str | None, level: str | None) -> None:
    """Refuse a closure that does not say who solved it, and such a word without a closure.

    Raises
    ------
    SolvedLevelError
    """
    if (state == CLOSED) is (level is None):
        raise SolvedLevelError(state=state or "-", level=level or "-")


def digest(request: Mapping[str, Any]) -> str:
    """Give what tells requests apart: SHA-256 of what they say, whatever the order of fields."""
    said = json.dumps(request, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(said.encode()).hexdigest()
