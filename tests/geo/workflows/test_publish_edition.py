"""Publishing an edition: one way, by which nothing that follows from it can be forgotten."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.coverage.privacy import hidden_codes
from geo.settings import Settings
from geo.territory.model import EditionInfo
from geo.workflows.publish_edition import publish_edition
from tests.builders import square, territory
from tests.geo.coverage.small_world import A, B, C, D, E, build


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
    info = EditionInfo("moved", date(2026, 11, 1), synthetic=True, attribution="")
    done = publish_edition(session, territory(*moved), info=info, settings=Settings())
    assert done.edition == 2
    way = ["external_id", "from_grid", "to_grid"]
    assert done.moves.households[way].to_numpy().tolist() == [["a1", A, B], ["a2", A, B]]
    assert done.rerouted.empty
    assessed = session.execute(text("SELECT edition, min_households FROM coverage_release")).all()
    assert [tuple(row) for row in assessed] == [(1, 5), (2, 5)]
    noted = set(session.scalars(text("SELECT code FROM coverage_hidden WHERE edition = 2")))
    # A had twelve and has ten: it would tell of the two that left it.
    assert A in noted
    assert A not in before
    assert A in hidden_codes(session)


def test_every_row_that_goes_elsewhere_is_named(session: Session) -> None:
    build(session)
    session.execute(
        text(
            "INSERT INTO post_term (grid_code, role, holder, valid) "
            "VALUES (:gone, 'grid_leader', '甲', '[2026-01-01,)')"
        ),
        {"gone": B},
    )
    # A takes the ground of B and C, whose codes are given up; the households there come along.
    merged = [square(A, x=0, width=3), *(square(code, x=x) for x, code in ((3, D), (4, E)))]
    info = EditionInfo("merged", date(2026, 11, 1), synthetic=True, attribution="")
    done = publish_edition(session, territory(*merged), info=info, settings=Settings())

    changes = done.moves.grids.set_index("code")["change"]
    assert changes[[A, B, C, D, E]].tolist() == [
        "changed",
        "gone",
        "gone",
        "unchanged",
        "unchanged",
    ]
    moved = done.moves.households
    assert set(moved["from_grid"]) == {B, C}
    assert set(moved["to_grid"]) == {A}
    homes = session.execute(
        text("SELECT external_id FROM household WHERE grid_code = :a"), {"a": A}
    )
    assert set(moved["external_id"]) < set(homes.scalars())
    # Who is paired with them is paired with somebody of A now.
    pairings = done.moves.pairings
    paired = session.execute(
        text(
            "SELECT h.external_id, c.external_id FROM pairing AS p "
            "JOIN household AS h ON h.id = p.household_id JOIN cadre AS c ON c.id = p.cadre_id "
            "WHERE h.external_id ~ '^[bc]' AND p.valid @> CAST('2026-11-01' AS date)"
        )
    )
    assert len(pairings)
    assert sorted(pairings[["household", "cadre"]].itertuples(index=False, name=None)) == sorted(
        tuple(row) for row in paired
    )
    assert set(pairings["to_grid"]) == {A}
    shown = ["kind", "grid_code", "role", "successor", "goes_on"]
    assert done.moves.succession[shown].to_numpy().tolist() == [["post", B, "grid_leader", A, True]]
    # The incidents lie in A as well, and whoever answers for them is said.
    lying = session.scalars(text("SELECT grid_code FROM incident WHERE geom IS NOT NULL"))
    assert not {B, C} & set(lying)
    assert set(done.rerouted["to_grid_code"]) <= {A}
