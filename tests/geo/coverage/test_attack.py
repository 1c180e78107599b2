"""The attacker keeps all that was ever published, over 24 months and 5 redraws, and adds it up.

Figures of grids of both levels and the cells of heat maps, to the last digit: from a GeoTIFF's
floats one can get back to its cells, for the kernel is known.
"""

from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.coverage.heat import COUNTS, cell_shares, heat_cells
from geo.coverage.privacy import assess, hidden_codes
from geo.coverage.rules import month_after
from geo.crs import to_metric
from geo.territory.publish import publish
from geo.territory.repository import grids
from layers.heat_page import rasters_of
from layers.rasters import geotiff
from tests.builders import ORIGIN, SIDE_DEG, square, territory

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

    def reads(self, session: Session, edition: int) -> None:
        homes = pd.DataFrame(
            session.execute(
                text("SELECT id, grid_code, registered_from, registered_to FROM household")
            ).all(),
            columns=["id", "code", "since", "until"],
        )
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
        # A place that is shown in one month and hidden in the next is told by the months around it.
        (self.hidden[edition],) = {frozenset(codes) for codes in hidden.values()}

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
    session.execute(
        text(
            """
            INSERT INTO household (id, external_id, residents, registered_from, registered_to,
                grid_code, match, distance_m, geom)
            SELECT n, 'H' || n, 2, CAST(:since AS date), CAST(:until AS date), v.code, 'inside', 0,
                p.geom
            FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n
            CROSS JOIN LATERAL (
                SELECT ST_SetSRID(ST_Point(
                    CAST(:x AS float8) + CAST(:wide AS float8) * mod(n * 0.6180339887, 1.0)::float8,
                    CAST(:y AS float8)), 4490) AS geom
            ) AS p
            JOIN grid_version AS v ON upper_inf(v.valid) AND upper_inf(v.editions)
                AND length(v.code) = 15 AND ST_Covers(v.geom, p.geom)
            """
        ),
        {
            "since": since,
            "until": until,
            "first": first,
            "last": last,
            "x": ORIGIN[0],
            "wide": WIDE * SIDE_DEG,
            "y": ORIGIN[1] + SIDE_DEG / 2,
        },
    )


def visit_everybody(session: Session, month: date) -> None:
    session.execute(
        text(
            "INSERT INTO visit (household_id, cadre_id, visited_on) SELECT h.id, k.id, "
            "CAST(:m AS date) + (h.id % 28) FROM household h CROSS JOIN cadre k "
            "WHERE (h.id * 7919 + extract(month FROM CAST(:m AS date))::int * 104729) % 10 < 8 "
            "AND h.registered_from <= CAST(:m AS date)"
        ),
        {"m": month},
    )


@pytest.fixture
def attacker(session: Session) -> Attacker:
    session.execute(text("INSERT INTO organisation (external_id, name) VALUES ('O', 'O')"))
    session.execute(
        text(
            "INSERT INTO cadre (external_id, organisation_id, name, party_member) "
            "SELECT 'K', id, 'K', true FROM organisation"
        )
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
        for _ in range(MONTHS_A_TURN):
            visit_everybody(session, month)
            month = month_after(month)
        assess(session, min_households=K)
        reader.reads(session, edition)
    return reader


def test_no_household_is_recovered(attacker: Attacker) -> None:
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
    session: Session, attacker: Attacker
) -> None:
    """Let others of each grid have been visited: not a bit of the cells or a GeoTIFF changes."""
    months = attacker.months()
    before = everything(session, months)
    for seed in (1, 2):
        counted = by_house(session)
        exchange(session, np.random.default_rng(seed))
        assert by_house(session) != counted  # it is another month altogether, house by house
        assert everything(session, months) == before


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
        moved = month.assign(home=month["home"].map(other))
        session.execute(
            text(
                "INSERT INTO visit (household_id, cadre_id, visited_on) SELECT * FROM unnest("
                "CAST(:home AS int[]), CAST(:cadre AS int[]), CAST(:day AS date[]))"
            ),
            {name: moved[name].tolist() for name in moved},
        )


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
