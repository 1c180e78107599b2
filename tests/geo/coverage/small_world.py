"""Two communities, five compounds, thirty households: small enough to count on paper.

    community 001                        community 002
    A: a1..a12  | B: b1..b6 | C: c1..c3  | D: d1..d6 | E: e1..e3

O1 has the cadres K1..K5 and is paired in A, C and E. O2 (K7, in B) has handed in nothing for
October. O3 (K8, in D) said that it had no visits. Everybody has two residents but a1, who has five.
"""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.db import tables as t
from geo.territory.publish import publish
from tests.builders import ORIGIN, SIDE_DEG, square, territory

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
    run = session.execute
    for name in ("O1", "O2", "O3"):
        run(text("INSERT INTO organisation (external_id, name) VALUES (:n, :n)"), {"n": name})
    for cadre, body in ORGANISATION_OF.items():
        run(
            text(
                "INSERT INTO cadre (external_id, organisation_id, name, party_member) "
                "SELECT :k, id, :k, true FROM organisation WHERE external_id = :o"
            ),
            {"k": cadre, "o": body},
        )
    _ground(session)
    for letter, (code, count, x) in HOMES.items():
        households(session, letter, code, count, x=x + 0.5)
    run(text("UPDATE household SET residents = 5 WHERE external_id = 'a1'"))
    run(text("UPDATE household SET needs_care = true WHERE external_id = 'a2'"))
    run(text("UPDATE household SET interval_days = 60 WHERE external_id = 'a3'"))
    run(text("UPDATE household SET registered_to = '2026-10-12' WHERE external_id = 'a12'"))
    for cadre, homes in PAIRED.items():
        for home in homes:
            pair(session, home, cadre)
    for home, status, valid in STATUS:
        run(
            text(
                "INSERT INTO household_status (household_id, status, valid) SELECT id, :s, "
                "CAST(:v AS daterange) FROM household WHERE external_id = :h"
            ),
            {"h": home, "s": status, "v": valid},
        )
    for home, cadre, day in VISITS:
        visit(session, home, cadre, day)
    deliver(session, "O3", OCTOBER)
    for number, (code, category, at, hours, level) in enumerate(INCIDENTS):
        run(
            text(
                "INSERT INTO incident (external_id, category, reported_at, closed_at, "
                "solved_at_level, state, grid_code, match, distance_m) VALUES (:n, :c, :at, "
                "CAST(:at AS timestamptz) + :hours * interval '1 hour', :level, 'closed', :code, "
                "'inside', 0)"
            ),
            {
                "n": str(number),
                "c": category,
                "at": at,
                "hours": hours,
                "level": level,
                "code": code,
            },
        )


def _ground(session: Session) -> None:
    """Give A a building of sixteen dwellings, thirteen of them lived in; E four, never counted."""
    sizes = {1: (A, 2, 4, 2), 2: (E, 1, 2, 2)}
    for number, (code, units, floors, rooms) in sizes.items():
        west, south = ORIGIN[0] + number * SIDE_DEG / 10, ORIGIN[1]
        shape = (
            f"SRID=4490;MULTIPOLYGON((({west} {south}, {west} {south + 1e-4}, "
            f"{west + 1e-4} {south}, {west} {south})))"
        )
        session.add(
            t.Compound(id=number, external_id=f"X{number}", name="x", grid_code=code, geom=shape)
        )
        session.flush()
        session.add(
            t.Building(
                id=number,
                external_id=f"B{number}",
                compound_id=number,
                name="b",
                units=units,
                floors=floors,
                rooms_per_floor=rooms,
                geom=shape,
            )
        )
        session.flush()
    counts = [(date(2026, 3, 1), 16), (date(2026, 9, 15), 13), (date(2026, 11, 1), 1)]
    for day, occupied in counts:
        session.add(t.BuildingOccupancy(building_id=1, counted_on=day, occupied=occupied))
    session.flush()


def households(session: Session, letter: str, code: str, count: int, *, x: float) -> None:
    """Register households letter1, letter2 ... at one point; those of A in its building."""
    session.execute(
        text(
            "INSERT INTO household (external_id, residents, registered_from, grid_code, match, "
            "distance_m, building_id, geom) SELECT :letter || n, 2, '2020-01-01', :code, 'inside', "
            "0, :building, ST_SetSRID(ST_Point(:x, :y), 4490) FROM generate_series(1, :count) AS n"
        ),
        {
            "letter": letter,
            "code": code,
            "count": count,
            "building": 1 if letter == "a" else None,
            "x": ORIGIN[0] + x * SIDE_DEG,
            "y": ORIGIN[1] + 0.5 * SIDE_DEG,
        },
    )


def pair(session: Session, home: str, cadre: str, valid: str = "[2026-01-01,)") -> None:
    session.execute(
        text(
            "INSERT INTO pairing (household_id, cadre_id, valid) SELECT h.id, k.id, "
            "CAST(:v AS daterange) FROM household h, cadre k "
            "WHERE h.external_id = :h AND k.external_id = :k"
        ),
        {"h": home, "k": cadre, "v": valid},
    )


def visit(session: Session, home: str, cadre: str, day: str) -> None:
    session.execute(
        text(
            "INSERT INTO visit (household_id, cadre_id, visited_on) SELECT h.id, k.id, "
            "CAST(:d AS date) FROM household h, cadre k "
            "WHERE h.external_id = :h AND k.external_id = :k"
        ),
        {"h": home, "k": cadre, "d": day},
    )


def deliver(session: Session, body: str, month: date) -> None:
    session.execute(
        text(
            "INSERT INTO delivery (organisation_id, month) "
            "SELECT id, :m FROM organisation WHERE external_id = :o"
        ),
        {"o": body, "m": month},
    )
