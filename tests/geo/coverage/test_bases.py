"""Each figure by its own base: an attacker with all that is published of a month learns of no few.

He knows every number that is not withheld, the sum of a community for each, what adds up to what
within a place and what cannot be less than what; he solves for the others.
"""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from geo.coverage.bases import BASES, figures_of, named, withheld_bases
from geo.coverage.figures import PLACE, figures, totals
from geo.coverage.privacy import hidden_codes
from geo.db import tables as t
from geo.frames import FIGURES, is_withheld
from geo.settings import Settings
from tests.builders import publish, square, territory

K = 5
MONTHS = [date(2026, month, 1) for month in range(1, 13)]
CODES = [f"15062510000{c}00{g}" for c in (1, 2, 3) for g in (1, 2, 3, 4)]
COMMUNITIES = sorted({code[:12] for code in CODES})
STATES = ("by_paired", "by_other", "not_visited", "not_paired", "unknown", "empty", "moved")
# Counts that add up over grids, by the base on which they rest.
ADDED = ["registered", "paired", "households", "eligible", "known", *STATES, "declined"]
ADDED += ["paired_known", "overdue", "care", "care_overdue", "dwellings", "counted", "occupied"]
# What is a sum within a place: the first of the others.
SUMS = [
    ("households", "eligible", "empty", "moved", "declined"),
    ("eligible", "known", "unknown"),
    ("known", "by_paired", "by_other", "not_visited", "not_paired"),
]
# What cannot be more than what.
AT_MOST = [
    *(("paired", "registered"), ("paired_known", "paired"), ("paired_known", "known")),
    *(("overdue", "paired_known"), ("care", "paired_known"), ("care_overdue", "care")),
    *(("care_overdue", "overdue"), ("counted", "dwellings"), ("occupied", "counted")),
    *(("by_paired", "paired_known"), ("not_visited", "paired_known")),
]
# Resting on the registered alone, as the place itself does; counts of incidents are of matters.
BY_PLACE = {
    *("registered", "reported", "open", "closed", "in_grid", "in_community", "above"),
    *("incidents_per_100", "incidents_per_100_low", "incidents_per_100_high"),
}


def counts_of(seed: int, months: list[date]) -> pd.DataFrame:
    """Make up counts of grids: many of them with a few in some state, as young registers have."""
    random = np.random.default_rng(seed)
    rows = len(CODES) * len(months)

    def part(of: np.ndarray) -> np.ndarray:
        """Take nearly all, about half, or a handful."""
        share = random.choice([0.97, 0.5, 0.04], size=rows, p=[0.5, 0.2, 0.3])
        return random.binomial(of, share)

    registered = random.integers(8, 90, rows)
    read = {"registered": registered, "paired": part(registered), "moved": part(registered) // 20}
    read["households"] = registered + read["moved"]
    read["empty"] = part(registered) // 9
    read["declined"] = part(registered - read["empty"]) // 9
    read["eligible"] = registered - read["empty"] - read["declined"]
    read["known"] = part(read["eligible"])
    read["unknown"] = read["eligible"] - read["known"]
    read["paired_known"] = np.minimum(part(read["known"]), read["paired"])
    read["by_paired"] = part(read["paired_known"])
    read["not_visited"] = part(read["paired_known"] - read["by_paired"])
    left = read["known"] - read["by_paired"] - read["not_visited"]
    met = read["paired_known"] - read["by_paired"] - read["not_visited"]
    read["by_other"] = met + part(left - met)
    read["not_paired"] = left - read["by_other"]
    read["overdue"] = part(read["paired_known"])
    read["care"] = part(read["paired_known"])
    # Of either kind as many as there can be are late.
    read["care_overdue"] = np.minimum(read["care"], read["overdue"])
    read["dwellings"] = registered + 9
    read["counted"] = part(read["dwellings"])
    read["occupied"] = part(read["counted"])
    read["residents"] = 2 * registered
    read["closed"] = read["closings"] = random.integers(0, 9, rows)
    two = pd.DataFrame(read).assign(code=CODES * len(months), level=2)
    two["month"] = np.repeat(np.array(months, dtype=object), len(CODES))
    one = two.groupby(["month", two["code"].str[:12]]).sum(numeric_only=True).reset_index()
    both = pd.concat([two, one.assign(level=1)])
    both["without_care"] = both["paired_known"] - both["care"]
    return both.sort_values(["month", "code"], ignore_index=True)


def test_every_figure_names_its_base() -> None:
    resting = {figure for base in BASES.values() for figure in base.figures}
    figured = set(FIGURES.columns) - set(PLACE)
    assert resting | BY_PLACE == figured
    assert not resting & BY_PLACE
    wider = list(BASES)
    for name, base in BASES.items():
        assert base.within is None or wider.index(base.within) < wider.index(name)


class Attacker:
    """Solves a community's month for what it does not tell."""

    def __init__(self, rows: pd.DataFrame, masks: dict[str, np.ndarray]) -> None:
        self.cells = [(at, name) for at in rows.index for name in ADDED]
        self.column = {cell: place for place, cell in enumerate(self.cells)}
        self.true = np.array([rows.loc[at, name] for at, name in self.cells], dtype=float)
        away = {(at, name): bool(name in masks and masks[name][at]) for at, name in self.cells}
        self.hidden = np.array([away[cell] for cell in self.cells])
        whole = rows.index[rows["level"] == 1][0]
        parts = [at for at in rows.index if at != whole]
        equal = [{(whole, name): -1.0, **{(at, name): 1.0 for at in parts}} for name in ADDED]
        equal += [
            {(at, first): -1.0, **{(at, other): 1.0 for other in others}}
            for at in rows.index
            for first, *others in SUMS
        ]
        least = [{(at, few): 1.0, (at, many): -1.0} for at in rows.index for few, many in AT_MOST]
        least += [
            {(at, "by_paired"): 1.0, (at, "not_visited"): 1.0, (at, "paired_known"): -1.0}
            for at in rows.index
        ]
        self.equal, self.least = self._matrix(equal), self._matrix(least)

    def _matrix(self, rows: list[dict[tuple[int, str], float]]) -> np.ndarray:
        matrix = np.zeros((len(rows), len(self.cells)))
        for place, row in enumerate(rows):
            for cell, factor in row.items():
                matrix[place, self.column[cell]] = factor
        return matrix

    def solved(self) -> np.ndarray:
        """Say which hidden cells a combination of equations gives exactly."""
        unknown = self.equal[:, self.hidden]
        _, values, basis = np.linalg.svd(unknown, full_matrices=True)
        rank = int((values > 1e-9).sum())
        free = basis[rank:]
        exact = np.zeros(len(self.cells), dtype=bool)
        exact[self.hidden] = np.abs(free).max(axis=0, initial=0) < 1e-9
        return exact

    def between(self, cell: tuple[int, str]) -> tuple[float, float]:
        """Give the least and the most that a cell can be."""
        known = np.where(self.hidden, 0, self.true)
        ends = []
        for sign in (1, -1):
            goal = np.zeros(len(self.cells))
            goal[self.column[cell]] = sign
            found = linprog(
                goal[self.hidden],
                A_ub=self.least[:, self.hidden],
                b_ub=-self.least @ known,
                A_eq=self.equal[:, self.hidden],
                b_eq=-self.equal @ known,
                bounds=(0, None),
            )
            assert found.status == 0, found.message
            ends.append(sign * found.fun)
        return ends[0], ends[1]


# Whose number is what: a cell of the first, where there are too few of the second.
RESTING = [
    *(("paired", "paired"), ("households", "households"), ("known", "known")),
    *(("paired_known", "paired_known"), ("overdue", "paired_known"), ("by_paired", "paired_known")),
    *(("care", "care"), ("care_overdue", "care"), ("counted", "counted"), ("occupied", "counted")),
]


@pytest.mark.parametrize("seed", range(4))
def test_an_attacker_works_out_nothing_that_rests_on_few(seed: int) -> None:
    counts = counts_of(seed, MONTHS)
    masks = figures_of(withheld_bases(counts, (), k=K))
    tried = told_without = 0
    for _, rows in counts.groupby(["month", counts["code"].str[:12]]):
        attacker = Attacker(rows, masks)
        exact = attacker.solved()
        few = [
            (at, name) for name, base in RESTING for at in rows.index[rows[base].between(1, K - 1)]
        ]
        for cell in few:
            assert attacker.hidden[attacker.column[cell]], cell
            assert not exact[attacker.column[cell]], cell
        tried += len(few)
        # Bounds of one of them; a linear programme each is dear. That none of a number of
        # households is late, k or more together, is told of all of them, as of a shown place.
        bases = [cell for cell in few if cell[1] in BASES]
        if bases:
            least, most = attacker.between(bases[seed % len(bases)])
            assert most - least >= 1 - 1e-6, bases[seed % len(bases)]
        # Without what is hidden for another's sake all of it would be told.
        alone = {n: m & rows_few(counts, n) for n, m in masks.items()}
        told_without += int(Attacker(rows, alone).solved().sum())
    assert tried > 50
    assert told_without > 50


def rows_few(counts: pd.DataFrame, figure: str) -> np.ndarray:
    """Say where a figure's own bases are few."""
    few = np.zeros(len(counts), dtype=bool)
    for base in BASES.values():
        if figure in base.figures:
            for count in base.counts:
                few |= counts[count].between(1, K - 1).to_numpy()
    return few


@pytest.mark.parametrize("seed", range(4))
def test_no_more_is_withheld_than_must_be(seed: int) -> None:
    counts = counts_of(seed, MONTHS)
    found = withheld_bases(counts, (), k=K)
    for name, base in BASES.items():
        own = np.zeros(len(counts), dtype=bool)
        for count in base.counts:
            own |= counts[count].between(1, K - 1).to_numpy()
        wider = found[base.within] if base.within else np.zeros(len(counts), dtype=bool)
        beside = found[name] & ~own & ~wider
        community = [counts["month"], counts["code"].str[:12]]
        # One other grid for each number of a base, and only where there are too few.
        assert pd.Series(beside).groupby(community).sum().max() <= len(base.counts)
        some = pd.Series(own | wider).groupby(community).transform("any").to_numpy()
        assert not (beside & ~some).any()
        if not base.adds_up:
            assert not beside.any()


def test_names_of_withheld_columns_are_read_again() -> None:
    masks = {"a": np.array([True, False, True]), "aa": np.array([True, True, False])}
    said = named(masks, 3)
    assert said.tolist() == ["a aa", "aa", "a"]
    frame = pd.DataFrame({"hidden": [False, False, True], "withheld": [*said[:2], None]})
    assert is_withheld(frame, "a").tolist() == [True, False, True]
    assert is_withheld(frame, "aa").tolist() == [True, True, True]
    assert named({}, 2).tolist() == [None, None]


@pytest.fixture
def counted(session: Session) -> pd.DataFrame:
    """Kept counts that were made up, in a territory without a household."""
    grids = territory(*(square(code, x=x) for x, code in enumerate(CODES)))
    named_so = {"title": "made up", "synthetic": True, "attribution": "", "limit_m": 50}
    publish(session, grids, valid_from=date(2020, 1, 1), **named_so)
    counts = counts_of(7, MONTHS[:4])
    two = counts[counts["level"] == 2].copy()
    # A grid of four, in one month.
    few = (two["code"] == CODES[1]) & (two["month"] == MONTHS[0])
    names = [name for name in ADDED if name != "registered"]
    two.loc[few, names] = 0
    two.loc[few, ["registered", "households", "eligible", "unknown"]] = 4
    kept = two.rename(columns={"code": "grid_code"}).assign(
        visited_paired=0, visited_any=0, cadres=9, residents_reached=0, holes=0
    )
    columns = [column.name for column in t.CoverageMonth.__table__.columns if not column.computed]
    rows = kept[columns].astype(object).to_dict("records")
    session.execute(insert(t.CoverageMonth), rows)
    rows = [
        {
            "grid_code": row["code"],
            "month": row["month"],
            "day": (pd.Timestamp(row["month"]) + pd.offsets.MonthEnd(0)).date(),
            "households": row["paired_known"],
            "days": 9 * row["paired_known"],
            "overdue": row["overdue"],
            "overdue_days": row["overdue"],
            "care": row["care"],
            "care_overdue": row["care_overdue"],
        }
        for row in two[two["paired_known"] > 0].astype(object).to_dict("records")
    ]
    session.execute(insert(t.CoverageRecency), rows)
    return two


@pytest.mark.parametrize("least", [5, 12])
def test_published_views_withhold_the_same(
    session: Session, counted: pd.DataFrame, least: int
) -> None:
    settings = Settings(min_households=least)
    read = figures(session, settings=settings).set_index(["month", "code"]).sort_index()
    query = text("SELECT * FROM published.coverage ORDER BY month, code")
    view = pd.DataFrame(session.execute(query).mappings().all()).set_index(["month", "code"])
    assert list(view.index) == list(read.index)
    assert (view["hidden"] == read["hidden"]).all()
    assert CODES[1] in hidden_codes(session, min_households=least)
    for name in ("registered", "paired", "eligible", "known", "unknown", "by_paired"):
        assert (view[name].isna() == read[name].isna()).all(), name
        assert (view[name].dropna() == read[name].dropna()).all(), name
    for name, same in (("rate_registered", "rate_registered"), ("never", "by_paired")):
        assert (view[name].isna() == read[same].isna()).all(), name
    # Not told is not missing: what is withheld says so, and only that.
    shown = view[~view["hidden"]]
    for name in ("paired", "eligible", "known", "unknown", "by_paired", "never"):
        listed = shown["withheld"].fillna("").str.split(" ").map({""}.union)
        assert (listed.map(lambda names, one=name: one in names) == shown[name].isna()).all()
    assert shown["withheld"].notna().any()
    assert len(counted) == len(CODES) * 4


def test_sums_of_towns_rest_on_the_same_communities_above_and_below_the_line(
    session: Session, counted: pd.DataFrame
) -> None:
    assert len(counted)
    read = figures(session, settings=Settings())
    # A community that tells nothing of its visits.
    one = (read["level"] == 1) & (read["code"] == COMMUNITIES[0])
    silent = BASES["paired_known"].figures
    read.loc[one, [name for name in silent if name in read]] = np.nan
    read.loc[one, "withheld"] = " ".join(silent)
    sums = totals(read, target=0.9).set_index(["month", "code"])
    others = read[(read["level"] == 1) & ~one].astype({"by_paired": float, "known": float})
    for month, rows in others.dropna(subset=["by_paired", "known"]).groupby("month"):
        rate = rows["by_paired"].sum() / rows["known"].sum()
        assert sums.loc[(month, "150625"), "coverage"] == pytest.approx(rate)
    # Where nobody tells anything it is withheld, not missing.
    read.loc[read["level"] == 1, [name for name in silent if name in read]] = np.nan
    read.loc[read["level"] == 1, "withheld"] = " ".join(silent)
    sums = totals(read, target=0.9)
    assert is_withheld(sums, "coverage").all()
    assert not sums["hidden"].any()
    assert not is_withheld(sums, "registered").any()
