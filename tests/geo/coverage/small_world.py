"""Two communities, five compounds, thirty households: small enough to count on paper.

    community 001                        community 002
    A: a1..a12  | B: b1..b6 | C: c1..c3  | D: d1..d6 | E: e1..e3

O1 has the cadres K1..K5 and is paired in A, C and E. O2 (K7, in B) has handed in nothing for
October. O3 (K8, in D) said that it had no visits. Everybody has two residents but a1, who has five.
"""

from datetime import date, datetime, timedelta

import pandas as pd
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from geo.db import tables as t
from tests.builders import SIDE_DEG, place, publish, square, territory, world

ONE, TWO = "150625100001", "150625100002"
A, B, C, D, E = f"{ONE}001", f"{ONE}002", f"{ONE}003", f"{TWO}001", f"{TWO}002"
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
HOMES = {"a": (A, 12, 0), "b": (B, 6, 1), "c": (C, 3, 2), "d": (D, 6, 3), "e": (E, 3, 4)}
ORGANISATION_OF = {**{f"K{n}": "O1" for n in range(1, 6)}, "K7": "O2", "K8": "O3"}
PAIRED = {
    "K1": ["a1", "a6", "a12", "c1", "c2", "c3"],
    "K2": ["a2", "a7", "e1", "e2", "e3"],
    "K3": ["a3", "a8"],
    "K4": ["a4", "a10"],
    "K5": ["a5", "a11"],
    "K7": ["b1", "b2", "b3", "b4", "b5", "b6"],
    "K8": ["d1", "d2", "d3", "d4", "d5", "d6"],
}
VISITS = [
    ("a8", "K3", "2026-09-20"),
    ("a1", "K1", "2026-10-25"),
    ("a2", "K2", "2026-10-10"),
    ("a3", "K3", "2026-10-01"),
    ("a4", "K4", "2026-10-25"),
    ("a5", "K5", "2026-10-25"),
    ("a6", "K1", "2026-10-25"),
    ("a7", "K3", "2026-10-25"),  # its own cadre is K2
    ("a11", "K5", "2026-10-25"),  # it has declined, and somebody knocked all the same
    ("b6", "K1", "2026-10-25"),  # its own organisation is silent: nobody knows whether only he came
    ("c1", "K1", "2026-10-25"),
    ("d6", "K1", "2026-10-25"),
    ("e1", "K2", "2026-10-25"),
    ("e2", "K2", "2026-10-25"),
    ("e3", "K2", "2026-10-25"),
]
STATUS = [
    ("a10", "empty", "[2026-03-01,)"),
    ("a11", "declined", "[2026-10-20,)"),
    ("c3", "moved", "[2026-06-01,)"),
    ("a1", "empty", "[2025-01-01,2026-10-31)"),  # over on the last day: it does not count
]
INCIDENTS = [
    (A, "dispute.neighbour", "2026-10-01 00:30+08", 2, "grid"),
    (A, "dispute.neighbour", "2026-10-05 09:00+08", 10, "community"),
    (A, "environment", "2026-10-31 23:30+08", 6, "grid"),
    (A, "environment", "2026-10-07 09:00+08", None, None),
    (C, "environment", "2026-10-08 09:00+08", 48, "above"),
]


def build(session: Session) -> None:
    """Publish, register, pair, visit."""
    publish(
        session,
        territory(*(square(code, x=x) for code, _, x in HOMES.values())),
        title="small",
        valid_from=date(2020, 1, 1),
        synthetic=True,
        attribution="",
        limit_m=50,
    )
    _ground(session)
    world(
        session,
        organisations=[{"external_id": name, "name": name} for name in ("O1", "O2", "O3")],
        cadres=[
            {"external_id": cadre, "name": cadre, "organisation": body}
            for cadre, body in ORGANISATION_OF.items()
        ],
    )
    for letter, (code, count, x) in HOMES.items():
        households(session, letter, code, count, x=x + 0.5)
    for home, column, value in (
        ("a1", "residents", 5),
        ("a2", "needs_care", True),
        ("a3", "interval_days", 60),
        ("a12", "registered_to", date(2026, 10, 12)),
    ):
        one = update(t.Household).where(t.Household.external_id == home)
        session.execute(one.values({column: value}))
    world(
        session,
        pairings=[
            {"household": home, "cadre": cadre, "valid": "[2026-01-01,)"}
            for cadre, homes in PAIRED.items()
            for home in homes
        ],
        statuses=[
            {"household": home, "status": status, "valid": valid} for home, status, valid in STATUS
        ],
        visits=[
            {"household": home, "cadre": cadre, "visited_on": day} for home, cadre, day in VISITS
        ],
        deliveries=[{"organisation": "O3", "month": OCTOBER}],
        incidents=[
            {
                "external_id": str(number),
                "category": category,
                "reported_at": at,
                "closed_at": hours and datetime.fromisoformat(at) + timedelta(hours=hours),
                "solved_at_level": level,
                "state": "closed",
                "grid_code": code,
                "match": "inside",
                "distance_m": 0,
            }
            for number, (code, category, at, hours, level) in enumerate(INCIDENTS)
        ],
    )


def _ground(session: Session) -> None:
    """Give A a building of sixteen dwellings, thirteen of them lived in; E four, never counted."""
    sizes = {1: (A, 2, 4, 2), 2: (E, 1, 2, 2)}
    shapes = {number: place(number / 10, 0).buffer(SIDE_DEG / 20) for number in sizes}
    world(
        session,
        compounds=[
            {
                "id": number,
                "external_id": f"X{number}",
                "name": "x",
                "grid_code": sizes[number][0],
                "geom": shape,
            }
            for number, shape in shapes.items()
        ],
        buildings=[
            {
                "id": number,
                "external_id": f"B{number}",
                "compound_id": number,
                "name": "b",
                "units": units,
                "floors": floors,
                "rooms_per_floor": rooms,
                "geom": shapes[number],
            }
            for number, (_, units, floors, rooms) in sizes.items()
        ],
        occupancies=[
            {"building_id": 1, "counted_on": day, "occupied": occupied}
            for day, occupied in (("2026-03-01", 16), ("2026-09-15", 13), ("2026-11-01", 1))
        ],
    )


def household_states(session: Session, *, month: date) -> pd.DataFrame:
    """List every household's state, as the database has it; by grid, then household."""
    query = (
        "SELECT h.external_id AS household_id, s.grid_code, s.state "
        "FROM coverage_states(ARRAY[CAST(:month AS date)]) AS s "
        "JOIN household AS h ON h.id = s.household_id ORDER BY s.grid_code, h.external_id"
    )
    return pd.read_sql(text(query), session.connection(), params={"month": month})


def households(session: Session, letter: str, code: str, count: int, *, x: float) -> None:
    """Register households letter1, letter2 ... at one point; those of A in its building."""
    common = {
        "residents": 2,
        "registered_from": date(2020, 1, 1),
        "grid_code": code,
        "building_id": 1 if letter == "a" else None,
        "geom": place(x),
    }
    homes = [{"external_id": f"{letter}{n}", **common} for n in range(1, count + 1)]
    world(session, households=homes)


def pair(session: Session, home: str, cadre: str, valid: str = "[2026-01-01,)") -> None:
    world(session, pairings=[{"household": home, "cadre": cadre, "valid": valid}])


def visit(session: Session, home: str, cadre: str, day: str) -> None:
    world(session, visits=[{"household": home, "cadre": cadre, "visited_on": day}])


def deliver(session: Session, body: str, month: date) -> None:
    world(session, deliveries=[{"organisation": body, "month": month}])
