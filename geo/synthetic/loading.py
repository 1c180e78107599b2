"""The demo banner, loaded by the same workflows as anybody's files."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from geo.intake.kinds import KINDS
from geo.intake.model import Summary
from geo.routing import proposal
from geo.settings import Settings
from geo.synthetic.sources import folder, sources
from geo.territory import divisions, files
from geo.territory.model import EditionInfo
from geo.territory.service import Boundaries, silent
from geo.workflows.load_file import load_file
from geo.workflows.load_rules import load_rules
from geo.workflows.publish_edition import publish_edition

# Files of a kind that are not named after it.
FILES = {"landmarks": ("streets", "places")}
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
        kind: files.rename_columns(files.read_polygons(written[kind], settings=settings), kind)
        for kind in ("communities", "compounds")
    }
    outline = files.read_polygons(folder() / "banner.geojson", settings=settings)
    names = divisions.read(folder() / "divisions.csv", outline, settings=settings)
    publish_edition(
        session,
        Boundaries(ground["communities"], ground["compounds"], divisions=names),
        info=EditionInfo(
            title="示范版 · Demo edition",
            valid_from=first_day,
            synthetic=True,
            attribution=f"{shipped.attribution_zh} · {shipped.attribution_en}",
        ),
        settings=settings,
        say=say,
    )
    done = {}
    files_of_kinds = ((kind, name) for kind in KINDS for name in FILES.get(kind, (kind,)))
    for kind, name in files_of_kinds:
        if name not in written:  # nobody writes totals of years that are known in full
            continue
        if kind == "incidents":  # which are decided as they come
            rules = written["rules"]
            say(f"载入 {rules.name}", f"Loading {rules.name}")
            load_rules(session, proposal.read(rules), valid_from=first_day, settings=settings)
        path = written[name]
        say(f"载入 {path.name}", f"Loading {path.name}")
        how: dict[str, Any] = {"datum": "cgcs2000", "today": today}
        done[name] = load_file(session, kind, path, settings=settings, **how).summary
    return done
