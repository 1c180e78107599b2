"""The attacker keeps all that was ever published, over 24 months and 5 redraws, and adds it up.

Figures of grids of both levels and the cells of heat maps, to the last digit: from a GeoTIFF's
floats one can get back to its cells, for the kernel is known.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo.coverage.figures import figures
from geo.coverage.heat import COUNTS, cell_shares, heat_cells
from geo.coverage.privacy import assess, hidden_codes
from geo.coverage.rules import month_after
from geo.crs import to_metric
from geo.settings import Settings
from geo.territory.index import GridIndex
from geo.territory.repository import grids
from layers.files.rasters import geotiff
from layers.heat import rasters_of
from tests.builders import place, publish, square, territory, world

pytestmark = pytest.mark.slow

K = 5
HOMES = 260
WIDE = 12.0
FIRST = date(2024, 11, 1)
# Codes from west to east, and the borders between them on each edition, in squares. The first
# four are one community, and so on. A grid is 20 homes wide or so; 0.05 is one home.
CODES = [f"15062510000{c}00{g}" for c in (1, 2, 3) for g in (1, 2, 3, 4)]
BORDERS = [
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 9.15, 10],  # 150625100003002 has three homes
    [1.1, 2, 3, 4, 5, 6, 7, 8, 9, 9.15, 10],  # two homes to the first
    [1.1, 2, 3.5, 4, 5, 6, 7, 8, 9, 9.15, 10.05],  # half a grid, and one home elsewhere
    [1.1, 2, 3.5, 4.05, 5, 6, 7, 8, 9, 9.15, 10.05],  # one home to another community
    [1.0, 2, 3.5, 4.05, 5, 6.2, 7, 8, 9, 9.5, 10.05],  # the two back again; four to 006; ten
    [1.0, 2, 3.5, 4.05, 5.1, 6.2, 7, 8, 9, 9.5, 10.05],
]
MONTHS_A_TURN = 4
CELL_M = 50.0

Cells = Literal["published", "counted", "none"]


@dataclass
class Attacker:
    """What was published, as (month, edition, code), and who was counted in it."""

    members: dict[tuple[date, int, str], frozenset[int]] = field(default_factory=dict)
    hidden: dict[int, set[str]] = field(default_factory=dict)
    held_back: dict[tuple[date, int, str], frozenset[int]] = field(default_factory=dict)
    # What a cell's number is made of: so much of each household.
    cells: dict[date, list[dict[int, float]]] = field(default_factory=dict)
    spots: dict[int, tuple[int, int]] = field(default_factory=dict)
    # Who is counted in a number that was published, by (month, what is counted); and in one that
    # was not, in a place that is shown.
    counted: dict[tuple[date, str], set[frozenset[int]]] = field(default_factory=dict)
    withheld: dict[tuple[date, str], set[frozenset[int]]] = field(default_factory=dict)

    def reads(self, session: Session, edition: int) -> None:
        homes = pd.DataFrame(
            session.execute(
                text("SELECT id, grid_code, registered_from, registered_to FROM household")
            ).all(),
            columns=["id", "code", "since", "until"],
        )
        # As autovacuum does on a site: in this transaction nothing was ever counted.
        session.execute(text("ANALYZE"))
        rows = session.execute(
            text("SELECT month, code, hidden, registered FROM published.coverage")
        )
        hidden: dict[date, set[str]] = {}
        for month, code, is_hidden, registered in rows:
            after = month_after(month)
            there = (homes["since"] < after) & ~(homes["until"].notna() & (homes["until"] < after))
            inside = frozenset(homes["id"][there & homes["code"].str.startswith(code)])
            hidden.setdefault(month, set())
            if is_hidden:
                assert registered is None
                hidden[month].add(code)
                if len(inside) >= K:
                    self.held_back[month, edition, code] = inside
            else:
                assert registered == len(inside)
                self.members[month, edition, code] = inside
        self._reads_cells(session, homes, hidden)
        self._reads_counts(session)
        # A place that is shown in one month and hidden in the next is told by the months around it.
        (self.hidden[edition],) = {frozenset(codes) for codes in hidden.values()}

    def _reads_counts(self, session: Session) -> None:
        """Read the numbers of households that other figures rest on, and whom they count."""
        states = pd.DataFrame(
            session.execute(
                text(
                    "SELECT month, household_id AS id, grid_code, registered, paired, needs_care, "
                    "state FROM coverage_states(coverage_months(), CAST(:codes AS text[]))"
                ),
                {"codes": CODES},
            ).mappings()
        )
        paired = states["registered"] & states["paired"]
        known = states["state"].isin(["by_paired", "by_other", "not_visited", "not_paired"])
        who = {"paired": paired, "known": known, "paired_known": paired & known}
        who |= {"care": paired & known & states["needs_care"]}
        inside = {
            (name, month, code[:digits]): frozenset(rows["id"])
            for name, those in who.items()
            for digits in (12, 15)
            for (month, code), rows in states[those].groupby(
                ["month", states["grid_code"].str[:digits]]
            )
        }
        for row in figures(session, settings=Settings()).to_dict("records"):
            if row["hidden"]:
                continue
            found = {
                name: inside.get((name, row["month"], row["code"]), frozenset()) for name in who
            }
            told = {name for name in who if not pd.isna(row[name])}
            assert all(row[name] == len(found[name]) for name in told)
            # Who knows of all and of those that need care knows of the others.
            found["without_care"] = found["paired_known"] - found["care"]
            if {"paired_known", "care"} <= told:
                told.add("without_care")
            for name, people in found.items():
                kind = self.counted if name in told else self.withheld
                kind.setdefault((row["month"], name), set()).add(people)

    def _reads_cells(
        self, session: Session, homes: pd.DataFrame, hidden: dict[date, set[str]]
    ) -> None:
        shares = cell_shares(session, cell_m=CELL_M, min_households=K)
        for month in hidden:
            after = month_after(month)
            there = (homes["since"] < after) & ~(homes["until"].notna() & (homes["until"] < after))
            parts = shares.merge(homes.loc[there, ["id", "code"]], on="code")
            known = [
                dict(zip(cell["id"], cell["share"], strict=True))
                for _, cell in parts.groupby(["column", "row"])
            ]
            self.cells.setdefault(month, []).extend(known)
            # That a cell's number is made so is no guess.
            told = heat_cells(session, month=month, cell_m=CELL_M, min_households=K, shares=shares)
            assert told["households"].sort_values().to_numpy() == pytest.approx(
                sorted(sum(cell.values()) for cell in known)
            )
        points = session.execute(text("SELECT id, ST_X(geom), ST_Y(geom) FROM household")).all()
        ids, x, y = zip(*points, strict=True)
        metres = shapely.get_coordinates(to_metric(shapely.points(x, y)))
        corners = np.floor(metres / CELL_M).astype(int)
        self.spots.update(zip(ids, map(tuple, corners.tolist()), strict=True))

    def counts(self, month: date, name: str, *, withheld: bool = False) -> np.ndarray:
        """One row a published number of a month, one column a household that it may count."""
        sets = set(self.counted.get((month, name), ()))
        sets |= set(self.withheld.get((month, name), ())) if withheld else set()
        people = sorted(frozenset().union(*sets))
        return np.array([[float(one in inside) for one in people] for inside in sets if inside])

    def months(self) -> list[date]:
        return sorted({month for month, _, _ in self.members})

    def system(
        self, month: date, *, held_back: bool = False, cells: Cells = "published"
    ) -> np.ndarray:
        """One row a published figure of a month, one column a household."""
        known = self.members | (self.held_back if held_back else {})
        sets = {inside for (of, _, _), inside in known.items() if of == month and inside}
        people = sorted(frozenset().union(*sets))
        rows = [dict.fromkeys(inside, 1.0) for inside in sets]
        if cells == "published":
            rows += self.cells[month]
        elif cells == "counted":
            rows += self._counted(frozenset(people))
        return np.array([[row.get(person, 0.0) for person in people] for row in rows])

    def _counted(self, people: frozenset[int]) -> list[dict[int, float]]:
        """Count cells one by one, those with fewer than k left out, as maps of squares do."""
        inside: dict[tuple[int, int], dict[int, float]] = {}
        for person in people:
            inside.setdefault(self.spots[person], {})[person] = 1.0
        return [cell for cell in inside.values() if len(cell) >= K]


def told(system: np.ndarray) -> list[int]:
    """Give the sizes of the groups of fewer than five whose sum the attacker can work out."""
    _, values, basis = np.linalg.svd(system, full_matrices=False)
    basis = basis[values > 1e-9]
    _, group = np.unique(system, axis=1, return_inverse=True)
    columns = [np.flatnonzero(group.ravel() == at) for at in range(group.max() + 1)]
    small = [at for at in columns if len(at) < K]
    found = []
    for count in range(1, K):
        for several in combinations(small, count):
            at = np.concatenate(several)
            if len(at) >= K:
                continue
            wanted = np.zeros(system.shape[1])
            wanted[at] = 1
            if np.linalg.norm(wanted - basis.T @ (basis @ wanted)) < 1e-6:
                found.append(len(at))
    # No single household either, whatever it stands with.
    for person in range(system.shape[1]):
        own = np.eye(system.shape[1])[person]
        if np.linalg.norm(own - basis.T @ (basis @ own)) < 1e-6:
            found.append(1)
    return found


def grids_of(borders: list[float]) -> object:
    edges = [0.0, *borders, WIDE]
    return territory(
        *(
            square(code, x=west, width=east - west)
            for code, west, east in zip(CODES, edges, edges[1:], strict=False)
        )
    )


def settle(session: Session, first: int, last: int, since: date, until: date | None = None) -> None:
    numbers = range(first, last + 1)
    points = [place(WIDE * (n * 0.6180339887 % 1.0)) for n in numbers]
    found = GridIndex(grids(session, level=2)).locate(np.array(points), limit_m=0)
    homes = pd.DataFrame(
        {
            "id": numbers,
            "external_id": [f"H{n}" for n in numbers],
            "residents": 2,
            "registered_from": since,
            "registered_to": until,
            "grid_code": found["grid_code"],
            "geom": points,
        }
    )
    world(session, households=homes)


def visit_everybody(session: Session, month: date) -> None:
    homes = session.execute(
        text("SELECT id FROM household WHERE registered_from <= :m ORDER BY id"), {"m": month}
    ).scalars()
    cadre = session.scalars(text("SELECT id FROM cadre")).one()
    world(
        session,
        visits=[
            {
                "household_id": home,
                "cadre_id": cadre,
                "visited_on": month + timedelta(days=home % 28),
            }
            for home in homes
            if (home * 7919 + month.month * 104729) % 10 < 8
        ],
    )


def pair(session: Session) -> None:
    """Give most households a cadre; of some of them it is their only one that needs care."""
    cadre = session.scalars(text("SELECT id FROM cadre")).one()
    homes = session.execute(
        text(
            "SELECT id, registered_from FROM household AS h WHERE id % 10 < 9 "
            "AND NOT EXISTS (SELECT FROM pairing p WHERE p.household_id = h.id)"
        )
    ).all()
    world(
        session,
        pairings=[
            {"household_id": home, "cadre_id": cadre, "valid": f"[{since},)"}
            for home, since in homes
        ],
    )
    session.execute(text("UPDATE household SET needs_care = true WHERE id % 3 = 0"))


def play(session: Session, *, pairings: bool = False) -> Attacker:
    """Publish edition after edition, four months each, and read all that is published of them."""
    world(
        session,
        organisations=[{"external_id": "O", "name": "O"}],
        cadres=[{"external_id": "K", "name": "K", "organisation": "O"}],
    )
    reader, month = Attacker(), FIRST
    for edition, borders in enumerate(BORDERS, start=1):
        publish(
            session,
            grids_of(borders),
            title=str(edition),
            valid_from=date(2020, 1, edition),
            synthetic=True,
            attribution="",
            limit_m=50,
        )
        if edition == 1:
            settle(session, 1, HOMES, date(2020, 1, 1))
            settle(session, 1000, 1004, date(2020, 1, 1), until=date(2025, 6, 10))
        else:
            settle(session, 2000 + 10 * edition, 2002 + 10 * edition, month)
        if pairings:
            pair(session)
        for _ in range(MONTHS_A_TURN):
            visit_everybody(session, month)
            month = month_after(month)
        assess(session, min_households=K)
        reader.reads(session, edition)
    return reader


@pytest.fixture(scope="class")
def played(engine: Engine) -> Iterator[tuple[Session, Attacker]]:
    """One play for all tests of a class; the last of them may change it."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session, play(session)
        outer.rollback()


class TestOfOnePlay:
    def test_no_household_is_recovered(self, played: tuple[Session, Attacker]) -> None:
        _, attacker = played
        months = attacker.months()
        assert len(months) == 24
        assert len(attacker.hidden) == 6
        for month in months:
            assert told(attacker.system(month)) == []
        # With what is held back there would be several.
        sizes = told(attacker.system(months[0], held_back=True, cells="none"))
        assert min(sizes) < K
        assert len(sizes) >= 3
        # Nor is nothing told where cells are counted one by one.
        sizes = told(attacker.system(months[0], cells="counted"))
        assert min(sizes) < K
        assert len(sizes) >= 5
        # Most places are shown all the same.
        assert len(attacker.hidden[1]) == 2
        for hidden in attacker.hidden.values():
            assert len([code for code in CODES if code not in hidden]) >= 5

    def test_cells_and_rasters_know_nothing_but_the_figures_of_grids(
        self, played: tuple[Session, Attacker]
    ) -> None:
        """Let others of each grid have been visited: not a bit of the cells or a raster changes."""
        session, attacker = played
        months = attacker.months()
        before = everything(session, months)
        for seed in (1, 2):
            counted = by_house(session)
            exchange(session, np.random.default_rng(seed))
            assert by_house(session) != counted  # it is another month altogether, house by house
            assert everything(session, months) == before


def test_no_figure_of_few_is_recovered_by_what_it_rests_on(session: Session) -> None:
    attacker = play(session, pairings=True)
    months = attacker.months()
    found = {
        name: [told(attacker.counts(month, name)) for month in months]
        for name in ("paired", "known", "paired_known", "care", "without_care")
    }
    assert found == {name: [[] for _ in months] for name in found}
    # With what is withheld there would be many; and most is told all the same.
    alone = [told(attacker.counts(month, "care", withheld=True)) for month in months]
    assert all(min(sizes) < K for sizes in alone)
    assert all(len(attacker.counted[month, "paired_known"]) >= 5 for month in months)


def everything(session: Session, months: list[date]) -> list[bytes]:
    """Give the bytes of cells, densities and ratios of some months."""
    shares = cell_shares(session, cell_m=CELL_M, min_households=K)
    cells = {
        month: heat_cells(session, month=month, cell_m=CELL_M, min_households=K, shares=shares)
        for month in months
    }
    found = [frame[list(COUNTS)].to_numpy(dtype=float).tobytes() for frame in cells.values()]
    for quantity in ("visits", "gaps"):
        windows, heats = rasters_of(
            cells, grids(session), quantity=quantity, bandwidth_m=CELL_M, min_households=K
        )
        found += [
            geotiff(values, windows[0], notes={})
            for heat in heats.values()
            for values in (*heat.density, *heat.ratio)
        ]
    return found


def by_house(session: Session) -> list[tuple[object, ...]]:
    """Count visits by household and month, which is never published."""
    query = (
        "SELECT household_id, date_trunc('month', visited_on), count(*) FROM visit GROUP BY 1, 2"
    )
    return sorted(tuple(row) for row in session.execute(text(query)))


def exchange(session: Session, random: np.random.Generator) -> None:
    """Let other households of the same grid have had the visits, another draw each month."""
    homes = pd.DataFrame(
        session.execute(
            text("SELECT id, grid_code, registered_from, registered_to FROM household ORDER BY id")
        ).all(),
        columns=["id", "code", "since", "until"],
    )
    alike = homes.fillna({"until": date.max}).groupby(["code", "since", "until"])["id"]
    visits = pd.DataFrame(
        session.execute(text("SELECT household_id, cadre_id, visited_on FROM visit")).all(),
        columns=["home", "cadre", "day"],
    )
    session.execute(text("DELETE FROM visit"))
    for _, month in visits.groupby(visits["day"].map(lambda day: day.replace(day=1))):
        other = dict(zip(homes["id"], alike.transform(random.permutation), strict=True))
        named = {"home": "household_id", "cadre": "cadre_id", "day": "visited_on"}
        moved = month.assign(home=month["home"].map(other)).rename(columns=named)
        world(session, visits=moved)


def test_until_a_redraw_is_assessed_all_that_it_touched_is_hidden(session: Session) -> None:
    for edition, borders in enumerate(BORDERS[:2], start=1):
        publish(
            session,
            grids_of(borders),
            title=str(edition),
            valid_from=date(2020, 1, edition),
            synthetic=True,
            attribution="",
            limit_m=50,
        )
        if edition == 1:
            settle(session, 1, HOMES, date(2020, 1, 1))
            small_only = hidden_codes(session)
    assert CODES[9] in small_only
    assert hidden_codes(session) == small_only | {CODES[0], CODES[1]}
    assert assess(session) >= {CODES[0], CODES[1], CODES[9]}
    assert hidden_codes(session) >= {CODES[0], CODES[1], CODES[9]}
    assert assess(session) == assess(session)
