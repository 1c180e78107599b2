"""A site for files: two editions, two sets of rules, in a database that commands can open.

From 2024 on 150625100001001 reaches from x = 0 to 2; from 2026 on it is two grids, …001 to x = 1
and …003 from there. East of them 150625100002001, x = 2 to 3, has stood all the time.
"""

from datetime import date
from pathlib import Path

from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from api.cli import group
from geo.routing import repository
from geo.routing.model import Rule, RuleSet
from tests.builders import ORIGIN, SIDE_DEG, publish, square, territory, world

WEST, HALF, EAST = "150625100001001", "150625100001003", "150625100002001"
OLD, NEW = date(2024, 1, 1), date(2026, 1, 1)
ATTRIBUTION = "合成边界"


def at(x: float, y: float = 0.5) -> tuple[float, float]:
    """Longitude and latitude of a place in squares."""
    return round(ORIGIN[0] + x * SIDE_DEG, 7), round(ORIGIN[1] + y * SIDE_DEG, 7)


def fill(session: Session) -> None:
    """Put the site into an empty, migrated database."""
    named = {"D1": "城市管理局", "D2": "住房和城乡建设局"}
    world(session, organisations=[{"external_id": n, "name": name} for n, name in named.items()])
    east = square(EAST, x=2, name="新园小区")
    _publish(session, OLD, square(WEST, x=0, width=2, name="金鼎小区"), east)
    west = square(WEST, x=0, name="金鼎小区"), square(HALF, x=1, name="鑫园小区")
    _publish(session, NEW, *west, east)
    first = Rule("all", "city", "grid", "150625", "D1", 24)
    second = Rule("heating", "city.heating", "grid", "150625", "D2", 4)
    repository.add_rule_set(session, RuleSet(1, "旧", OLD, None, (first,)))
    repository.add_rule_set(session, RuleSet(2, "新", date(2026, 6, 1), None, (first, second)))


def _publish(session: Session, valid_from: date, *squares: object) -> None:
    publish(
        session,
        territory(*squares, communities={WEST[:12]: "建安社区"}),  # type: ignore[arg-type]
        title="test",
        valid_from=valid_from,
        synthetic=True,
        attribution=ATTRIBUTION,
        limit_m=50.0,
    )


def run(url: str, *arguments: object, language: str = "en") -> Result:
    """Run `bannergrid route` on the site."""
    variables = {"BANNERGRID_DATABASE_URL": url, "BANNERGRID_LANGUAGE": language}
    return CliRunner(env=variables).invoke(group, ["route", *map(str, arguments)])


def write(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    """Write lines of text to a file."""
    path.write_text("".join(f"{line}\n" for line in lines), encoding)
    return path
