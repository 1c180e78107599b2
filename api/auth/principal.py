"""Who asks: known to every request, to every session with the database, and to every cache.

A session carries it in its `info`, and caches take it from there: what is made for one principal
is never given to another, whatever the two may see.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection
from starlette.types import Scope

ROLES = frozenset({"leader", "dispatcher", "planner", "approver", "admin"})
NAME = "principal"  # in the state of a request and the info of a session


@dataclass(frozen=True)
class Principal:
    """Somebody, or a program, that asks.

    Parameters
    ----------
    name : str
    roles : frozenset of str
        Of `ROLES`.
    scope : str
        What the roles are for: the places whose codes begin with it; "" is the whole banner.
    """

    name: str
    roles: frozenset[str]
    scope: str = ""

    @property
    def sees_everything(self) -> bool:
        """Whether what is read for it is all that there is."""
        return self.roles >= ROLES and not self.scope

    @cached_property
    def mark(self) -> str:
        """Stands for all of it in tags and names of files, the same in every process."""
        parts = (self.name, sorted(self.roles), self.scope)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


# Whoever has the token of the start may do everything, and so may the service for itself.
EVERYTHING = Principal("token", ROLES)
# Who only opens what is open to everyone.
NOBODY = Principal("", frozenset())


def let_in(scope: Scope, principal: Principal) -> None:
    """Note who asks, in the state of the request."""
    scope.setdefault("state", {})[NAME] = principal


def principal_of(request: HTTPConnection) -> Principal:
    """Give who asks; nobody where the gate was not passed."""
    return cast("Principal", getattr(request.state, NAME, NOBODY))


def session_info(principal: Principal) -> dict[str, object]:
    """Give what a session carries of who asks."""
    return {NAME: principal}


def session_principal(session: Session) -> Principal:
    """Give for whom a session reads.

    Raises
    ------
    KeyError
        If it was opened for nobody: a cache has no place for what such a session reads.
    """
    return cast("Principal", session.info[NAME])
