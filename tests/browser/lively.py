"""The world with something to see: a corner nobody visits, a heap of incidents, too few homes."""

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests import builders
from tests.browser.world import SEAT

FEW = f"{SEAT}001004"  # three households are left: not to be published
SILENT = f"{SEAT}006001"  # its organisation has handed in nothing: no data
UNVISITED = f"{SEAT}005"  # nobody was visited in October, nothing happened: 0 is a figure
HEAPED = tuple(f"{SEAT}003{place:03d}" for place in (2, 3, 6, 7))
MORE = 30  # incidents of each of them; one of any other grid


def enliven(session: Session) -> None:
    """Change what `services.fill` has written."""
    run = session.execute
    run(
        text(
            "DELETE FROM visit WHERE visited_on >= '2026-10-01' AND household_id IN "
            "(SELECT id FROM household WHERE grid_code LIKE :code || '%')"
        ),
        {"code": UNVISITED},
    )
    few = {"code": FEW}
    of_few = "(SELECT id FROM household WHERE grid_code = :code ORDER BY id OFFSET 3)"  # three stay
    for table, column in (
        ("visit", "household_id"),
        ("pairing", "household_id"),
        ("household", "id"),
    ):
        run(text(f"DELETE FROM {table} WHERE {column} IN {of_few}"), few)  # noqa: S608 - our own
    builders.world(
        session,
        organisations=[{"external_id": "o2", "name": "住房和城乡建设局"}],
        cadres=[{"external_id": "c2", "name": "干部", "organisation": "o2"}],
    )
    silent = {"code": SILENT}
    of_silent = "(SELECT id FROM household WHERE grid_code = :code)"
    run(text(f"DELETE FROM visit WHERE household_id IN {of_silent}"), silent)  # noqa: S608
    run(
        text(
            "UPDATE pairing SET cadre_id = (SELECT id FROM cadre WHERE external_id = 'c2') "  # noqa: S608
            f"WHERE household_id IN {of_silent}"
        ),
        silent,
    )
    first = run(
        text(
            "SELECT DISTINCT ON (grid_code) id, grid_code, ST_AsBinary(geom) FROM household "
            "ORDER BY grid_code, id"
        )
    )
    builders.world(
        session,
        incidents=[
            {
                "external_id": f"i{home}-{n}",
                "reported_at": "2026-10-07 09:00+08",
                "state": "collected",
                "grid_code": code,
                "match": "inside",
                "distance_m": 0,
                "geom": shapely.from_wkb(bytes(point)),
            }
            for home, code, point in first
            if not code.startswith(UNVISITED)
            for n in range(1, 1 + (MORE if code in HEAPED else 1))
        ],
    )
