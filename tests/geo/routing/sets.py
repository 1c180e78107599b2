"""Sets of rules for the four grids of `tests.geo.intake.world`, in a real database."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.db import categories
from geo.routing.proposal import Proposal
from tests.geo.intake import world
from tests.geo.routing.proposals import everywhere, proposed

NETWORKS = [row["code"] for row in categories.standard() if row["parent"] is None]


def build(session: Session) -> None:
    """Two communities of two grids each, O1 财政局 and O2 林草局, and the product's categories."""
    world.build(session)
    world.populate(session)


def whole(*lines: str, title: str = "规则", **head: Any) -> Proposal:
    """Rules that answer for everything everywhere by O1, and further ones."""
    return proposed(*everywhere(*NETWORKS, department="O1"), *lines, title=title, **head)


def stored(session: Session) -> dict[str, list[Any]]:
    """Everything that a load or a trial might touch, row by row."""
    tables = ("rule_set", "rule", "incident", "incident_decision", "incident_move", "change")
    return {
        name: sorted(session.scalars(text(f"SELECT row({name}.*)::text FROM {name}")))  # noqa: S608
        for name in tables
    }
