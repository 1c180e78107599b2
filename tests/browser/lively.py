"""The world with something to see: a corner nobody visits, a heap of incidents, too few homes."""

from sqlalchemy import text
from sqlalchemy.orm import Session

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
    run(text("INSERT INTO organisation (external_id, name) VALUES ('o2', '住房和城乡建设局')"))
    run(
        text(
            "INSERT INTO cadre (external_id, organisation_id, name, party_member) "
            "SELECT 'c2', id, '干部', true FROM organisation WHERE external_id = 'o2'"
        )
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
    run(
        text(
            "INSERT INTO incident (external_id, category, reported_at, state, grid_code, match, "
            "distance_m, geom) SELECT 'i' || h.id || '-' || n, 'environment', "
            "'2026-10-07 09:00+08', 'collected', h.grid_code, 'inside', 0, h.geom "
            "FROM (SELECT DISTINCT ON (grid_code) * FROM household ORDER BY grid_code, id) h, "
            "generate_series(1, CASE WHEN h.grid_code = ANY(:heaped) THEN :more "
            "WHEN h.grid_code LIKE :calm || '%' THEN 0 ELSE 1 END) n"
        ),
        {"heaped": list(HEAPED), "more": MORE, "calm": UNVISITED},
    )
