"""The demo banner through the same doors as anybody's files: load, assign, count."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from geo.coverage import editions
from geo.incidents.rerouting import decide_missing
from geo.intake import service as intake
from geo.intake.model import Summary
from geo.routing import proposal
from geo.routing import service as routing
from geo.settings import Settings
from geo.synthetic.sources import folder, sources
from geo.territory import files
from geo.territory.service import Called, silent

# File to kind, in the order in which each finds what it refers to.
KINDS = {
    "streets": "landmarks",
    "places": "landmarks",
    "organisations": "organisations",
    "cadres": "cadres",
    "buildings": "buildings",
    "compound_pairings": "compound-pairings",
    "households": "households",
    "household_statuses": "household-statuses",
    "occupancies": "occupancies",
    "pairings": "pairings",
    "deliveries": "deliveries",
    "visits": "visits",
    "incidents": "incidents",
    "posts": "posts",
}
YEARS_BACK = 2


def load(
    session: Session,
    written: dict[str, Path],
    *,
    settings: Settings,
    today: date,
    say: Callable[[str, str], None] = silent,
) -> dict[str, Summary]:
    """Load the files of a demo banner into an empty database.

    Parameters
    ----------
    session : Session
        Nothing is committed here.
    written : dict of str to Path
        As `geo.synthetic.write` gives them.
    settings : Settings
    today : date
        The last day that the data know. The edition and the rules start two years before.
    say : callable, optional
        Told each step in Chinese and English.

    Returns
    -------
    dict of str to Summary
        By file; nothing is rejected.

    Raises
    ------
    BannerGridError
        If a file is refused, as for anybody's.
    """
    first_day = date(today.year - YEARS_BACK, today.month, 1)
    shipped = sources()["communities.geojson"]
    ground = {
        kind: files.renamed(files.read_polygons(written[kind], settings=settings), kind)
        for kind in ("communities", "compounds")
    }
    editions.load(
        session,
        ground["communities"],
        ground["compounds"],
        called=Called(
            title="示范版 · Demo edition",
            valid_from=first_day,
            synthetic=True,
            attribution=f"{shipped.attribution_zh} · {shipped.attribution_en}",
        ),
        divisions=files.read_divisions(
            folder() / "divisions.csv", folder() / "banner.geojson", settings=settings
        ),
        settings=settings,
        say=say,
    )
    done = {}
    for name, kind in KINDS.items():
        path = written[name]
        say(f"载入 {path.name}", f"Loading {path.name}")
        done[name] = intake.load(
            session, kind, path, settings=settings, datum="cgcs2000", today=today
        )
    say(f"载入 {written['rules'].name}", f"Loading {written['rules'].name}")
    routing.load(session, proposal.read(written["rules"]), valid_from=first_day)
    say("为事件派遣", "Routing the incidents")
    decide_missing(session, nearest_limit_m=settings.nearest_limit_m)
    return done
