"""Hidden for what an earlier edition told: as little as must be, and no longer than must be."""

from datetime import date
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.coverage import hiding, service
from geo.coverage.between import OF_HOUSEHOLDS, Counted, withheld_between
from geo.coverage.privacy import hidden_codes, hide
from geo.coverage.subtraction import given_away, to_hide
from geo.frames import is_withheld
from geo.settings import Settings
from geo.territory.model import EditionInfo
from geo.workflows.publish_edition import publish_edition
from tests.builders import ORIGIN, SIDE_DEG, square, territory, world
from tests.geo.coverage.test_attack import CODES, settle

SETTINGS = Settings()
WIDE = [*range(1, 12)]
HOMES = 260


def publish(session: Session, borders: list[float], day: int) -> dict[str, int]:
    edges = [0.0, *borders, 12.0]
    squares = [
        square(code, x=west, width=east - west)
        for code, west, east in zip(CODES, edges, edges[1:], strict=False)
    ]
    info = EditionInfo(str(day), date(2020, 1, day), synthetic=True, attribution="")
    done = publish_edition(session, territory(*squares), info=info, settings=SETTINGS)
    return {
        "hidden": len(done.hiding.few + done.hiding.redrawn),
        "shown_again": len(done.hiding.shown),
    }


def move(session: Session, household: int, x: float) -> None:
    """Let a household live `x` squares east, as a load of households does."""
    session.execute(
        text(
            "UPDATE household AS h SET geom = p.geom, grid_code = v.code "
            "FROM (SELECT ST_SetSRID(ST_Point(:x, :y), 4490) AS geom) AS p "
            "JOIN grid_version AS v ON upper_inf(v.valid) AND upper_inf(v.editions) "
            "AND length(v.code) = 15 AND ST_Covers(v.geom, p.geom) WHERE h.id = :id"
        ),
        {"id": household, "x": ORIGIN[0] + x * SIDE_DEG, "y": ORIGIN[1] + SIDE_DEG / 2},
    )


def places(session: Session, *ids: int) -> list[float]:
    query = text("SELECT ST_X(geom) FROM household WHERE id = ANY (:ids) ORDER BY id")
    found = session.scalars(query, {"ids": list(ids)})
    return [(x - ORIGIN[0]) / SIDE_DEG for x in found]


def loaded(session: Session, what: str = "households") -> set[str]:
    service.refresh_after_load(session, what, settings=SETTINGS)
    return hidden_codes(session)


def test_who_moves_house_hides_nothing_where_borders_are_the_same(session: Session) -> None:
    publish(session, WIDE, 1)
    settle(session, 1, HOMES, date(2020, 1, 1))
    assert publish(session, WIDE, 2)["hidden"] == 0
    assert loaded(session) == set()
    homes = places(session, *range(1, 9))
    random = np.random.default_rng(3)
    for household, x in enumerate(homes, start=1):
        # Next door, in the same community, in another.
        move(session, household, (x + random.choice([1.0, 2.0, 5.0])) % 12)
        assert loaded(session) == set()
    for household, x in enumerate(homes, start=1):
        move(session, household, x)
    assert loaded(session) == set()
    # Not even when two more editions have come.
    assert publish(session, WIDE, 3)["hidden"] == 0
    move(session, 1, 11.5)
    assert loaded(session) == set()
    assert session.scalar(text("SELECT count(*) FROM household_home")) == HOMES


def test_a_redraw_hides_two_until_nobody_is_told_by_it(session: Session) -> None:
    publish(session, WIDE, 1)
    settle(session, 1, HOMES, date(2020, 1, 1))
    carried = [n for n, x in enumerate(places(session, *range(1, HOMES + 1)), 1) if 1 < x < 1.1]
    assert 0 < len(carried) < 5
    done = publish(session, [1.1, *range(2, 12)], 2)
    assert (done["hidden"], done["shown_again"]) == (2, 0)
    told = set(CODES[:2])
    assert hidden_codes(session) == told
    # Somebody else's move is nothing to them.
    move(session, next(n for n in range(1, HOMES) if n not in carried), 11.5)
    assert loaded(session) == told
    # It is said which and why, once.
    (zh, en), *more = hiding.sentences(
        hiding.compare_hidden(session, set(), min_households=5), min_households=5
    )
    assert not more
    assert all(code in zh and code in en for code in told)
    assert "旧版" in zh
    assert "无数据" not in zh
    before = hidden_codes(session)
    assert hiding.compare_hidden(session, before, min_households=5) == ([], [], [])
    # They move away: nobody lives between the borders any more.
    for household in carried:
        move(session, household, 6.5)
    assert loaded(session) == set()
    changes = hiding.compare_hidden(session, before, min_households=5)
    assert [place[:15] for place in changes.shown] == sorted(told)
    ((zh, _),) = hiding.sentences(changes, min_households=5)
    assert "恢复公布" in zh
    # A larger number of households is looked at again when the service starts.
    session.execute(text("UPDATE coverage_release SET min_households = 0"))
    assert loaded(session, "") == set()
    assert session.scalar(text("SELECT max(min_households) FROM coverage_release")) == 5


def test_of_few_between_borders_who_need_care_nothing_is_told() -> None:
    """Thirteen households are carried over, of whom two need care."""
    one = "150625100001"
    code = {name: f"{one}00{place}" for place, name in enumerate("abcd", 1)}
    # Atoms: a; a, then b; b; c; d.
    codes = {
        1: np.array([code[name] for name in "aabcd"]),
        2: np.array([code[name] for name in "abbcd"]),
    }
    many = np.array([[40, 13, 50, 60, 70]])
    care = np.array([[9, 2, 8, 7, 6]])
    counts = {name: many for base in OF_HOUSEHOLDS.values() for name in base.counts} | {
        "care": care,
        "without_care": many - care,
    }
    counted = Counted([date(2026, 10, 1)], counts)
    found = set(withheld_between(codes, counted, {}, k=5))
    assert found == {(0, code["a"], "care"), (0, code["b"], "care")}
    # Of five nothing is hidden, nor where nobody was carried over.
    enough = np.array([[9, 5, 8, 7, 6]])
    counts |= {"care": enough, "without_care": many - enough}
    assert not list(withheld_between(codes, Counted([date(2026, 10, 1)], counts), {}, k=5))
    counts |= {"care": care, "without_care": many - care}
    same = {1: codes[2], 2: codes[2]}
    assert not list(withheld_between(same, Counted([date(2026, 10, 1)], counts), {}, k=5))


def test_of_few_between_borders_the_database_keeps_what_is_withheld(session: Session) -> None:
    publish(session, WIDE, 1)
    settle(session, 1, HOMES, date(2020, 1, 1))
    homes = session.scalars(text("SELECT id FROM household ORDER BY id")).all()
    common = {"cadre_id": 1, "visited_on": date(2026, 9, 5)}
    world(
        session,
        organisations=[{"id": 1, "external_id": "O", "name": "O"}],
        cadres=[{"id": 1, "external_id": "K", "organisation_id": 1, "name": "K"}],
        pairings=[{"household_id": home, "cadre_id": 1} for home in homes],
        visits=[{"household_id": home, **common} for home in homes if home % 2 == 0],
    )
    session.execute(
        text(
            # Of those that will be carried over two need care, and half of the others.
            "UPDATE household SET needs_care = "
            "id % 2 = 0 AND ST_X(geom) NOT BETWEEN 108.731 AND 108.7313;"
            "UPDATE household SET needs_care = true WHERE id IN (SELECT id FROM household "
            "WHERE ST_X(geom) BETWEEN 108.731 AND 108.7313 ORDER BY id LIMIT 2)"
        )
    )
    publish(session, [1.3, *range(2, 12)], 2)
    assert hidden_codes(session) == set()
    noted = session.execute(
        text("SELECT month, code, base FROM coverage_hidden_base ORDER BY code")
    ).all()
    assert [tuple(row) for row in noted] == [(date(2026, 9, 1), code, "care") for code in CODES[:2]]
    # Visits that arrive later are looked at too, and those who no longer need care are not told.
    session.execute(text("UPDATE household SET needs_care = false"))
    service.refresh_after_load(session, "visits", settings=SETTINGS)
    assert session.scalar(text("SELECT count(*) FROM coverage_hidden_base")) == 0


def worlds(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw two editions of a community and its neighbour; some atoms are small."""
    random = np.random.default_rng(seed)
    atoms = int(random.integers(4, 8))
    old, new = (np.sort(random.integers(0, 4, atoms)) for _ in range(2))
    rows = []
    for of in (old, new):
        grids = [of == grid for grid in range(4)]
        whole = [grids[0] | grids[1], grids[2] | grids[3]]
        rows.append(np.array([row for row in (*whole, *grids) if row.any()]))
    households = np.where(random.random(atoms) < 0.3, random.integers(1, 5, atoms), 40)
    return rows[0], rows[1], households[None], random.integers(0, 2, len(rows[1]))


@pytest.mark.parametrize("seed", range(60))
def test_hardly_more_is_hidden_than_the_least_there_is(seed: int) -> None:
    earlier, new, households, late = worlds(seed)
    small = (new * households[0]).sum(axis=1) < 5
    before = given_away(earlier, households[0], k=5)

    def settled(gone: np.ndarray) -> bool:
        shown = np.concatenate([earlier, new[~gone]])
        return given_away(shown, households[0], k=5) <= before

    gone = to_hide(new, earlier, households, small, late, k=5)
    assert (gone >= small).all()
    free = np.flatnonzero(~small)
    ways = (
        set(several)
        for count in range(len(free) + 1)
        for several in combinations(free.tolist(), count)
    )
    least = next(
        (len(way) for way in ways if settled(small | np.isin(np.arange(len(new)), list(way)))),
        None,
    )
    if least is None:
        return
    assert settled(gone)
    more = int(gone.sum() - small.sum())
    assert least <= more <= 2 * least
    # And none of them for nothing.
    for row in np.flatnonzero(gone & ~small):
        assert not settled(gone & (np.arange(len(new)) != row))


def test_rates_drawn_toward_a_community_are_withheld_with_it() -> None:
    """A legend that took them for missing would say that there is no data."""
    one, two = "150625100001", "150625100002"
    frame = pd.DataFrame({"code": [one, f"{one}001", two, f"{two}001"], "coverage": 0.5})
    shown = hide(frame, {one})
    assert shown["coverage"].isna().tolist() == [True, True, False, False]
    assert shown["hidden"].tolist() == [True, False, False, False]
    assert is_withheld(shown, "coverage").tolist() == [True, True, False, False]
