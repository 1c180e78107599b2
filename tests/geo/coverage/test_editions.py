"""Publishing an edition: one way, by which nothing that follows from it can be forgotten."""

import ast
from datetime import date
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

import api
import geo
import layers
from geo.coverage import editions
from geo.coverage.privacy import hidden_codes
from geo.settings import Settings
from tests.builders import square, territory
from tests.geo.coverage.small_world import A, B, C, D, E, build

# Who may publish by the parts: the boundaries themselves, and the one way.
ALLOWED = {"geo/territory/service.py", "geo/coverage/editions.py"}
PARTS = {
    ("geo.territory.publish", "publish"),
    ("geo.territory", "publish"),
    ("geo.territory", "service"),
    ("geo.territory.service", "load"),
}


def imported(source: Path) -> set[tuple[str, str]]:
    tree = ast.parse(source.read_text("utf-8"))
    named = {
        (node.module or "", alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    whole = {
        (alias.name.rpartition(".")[0], alias.name.rpartition(".")[2])
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    return named | whole


def test_nobody_publishes_by_another_way() -> None:
    folders = [Path(package.__path__[0]) for package in (geo, api, layers)]
    past = {
        path.relative_to(folder.parent).as_posix()
        for folder in folders
        for path in folder.rglob("*.py")
        if imported(path) & PARTS
    }
    assert past == ALLOWED


def test_an_edition_is_assessed_in_its_own_transaction(session: Session) -> None:
    build(session)
    before = hidden_codes(session)
    # The two in A's east go to B.
    session.execute(
        text(
            "UPDATE household SET geom = ST_Translate(geom, 0.0004, 0) "
            "WHERE external_id IN ('a1', 'a2')"
        )
    )
    moved = [
        square(A, x=0, width=0.8),
        square(B, x=0.8, width=1.2),
        *(square(code, x=x) for x, code in ((2, C), (3, D), (4, E))),
    ]
    number, counts = editions.publish(
        session,
        territory(*moved),
        settings=Settings(),
        title="moved",
        valid_from=date(2026, 11, 1),
        synthetic=True,
        attribution="",
    )
    assert (number, counts["households"], counts["rerouted"]) == (2, 2, 0)
    assessed = session.execute(text("SELECT edition, min_households FROM coverage_release")).all()
    assert [tuple(row) for row in assessed] == [(2, 5)]
    noted = set(session.scalars(text("SELECT code FROM coverage_hidden WHERE edition = 2")))
    # A had twelve and has ten: it would tell of the two that left it.
    assert A in noted
    assert A not in before
    assert A in hidden_codes(session)
