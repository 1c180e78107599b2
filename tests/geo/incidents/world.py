"""The sketched town of `tests.geo.geocoding.delivery.town`, with departments, rules and redraws.

first | second |  | third     rules: noise is D1's in 24 h, in the second grid D2's; heating D3's
x = 0   1        2  2   3
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo.calendar import SITE_TIMEZONE, today
from geo.geocoding.service import GeocoderCache
from geo.incidents.model import Report, Spot
from geo.incidents.service import Desk
from geo.routing import repository
from geo.routing.live import Routers
from geo.routing.model import Rule, RuleSet
from geo.settings import Settings
from geo.territory.live import Territories
from tests.builders import ORIGIN, SIDE_DEG, publish, square, territory, world
from tests.geo.geocoding.delivery import town
from tests.geo.geocoding.delivery.town import FIRST, SECOND, THIRD

__all__ = ["FIRST", "SECOND", "THIRD"]

NOISE, TRAFFIC, HEATING = "order.disturbance", "order.traffic", "city.heating"
BANNER = "150625"
NOW = datetime.now(ZoneInfo(SITE_TIMEZONE))
WIDE = territory(  # the first grid takes the second's ground, the second moves off
    square(FIRST, x=0, width=2, name="金鼎小区"),
    square(SECOND, x=3, name="鑫园小区"),
    square(THIRD, x=2, name="粮库家属楼"),
)


def build(session: Session) -> None:
    town.build(session)
    named = {"D1": "公安局", "D2": "城管局", "D3": "住建局", "D4": "综治办"}
    world(session, organisations=[{"external_id": n, "name": name} for n, name in named.items()])
    put_rules(session, 1, valid_from=date(2024, 1, 1))


def put_rules(
    session: Session,
    number: int,
    *,
    valid_from: date,
    noise: str = "D1",
    second: str | None = "D2",
    heating: str | None = "D3",
    limit_h: float = 24,
) -> None:
    """Put a set in force: who answers for noise, for noise in the second grid, for heating."""
    rules = [Rule("noise", "order", "grid", BANNER, noise, limit_h)]
    if second is not None:
        rules.append(Rule("noise-second", "order", "grid", SECOND, second, limit_h))
    if heating is not None:
        rules.append(Rule("heating", "city.heating", "grid", BANNER, heating, 4))
    made = RuleSet(number, f"set {number}", valid_from, None, tuple(rules))
    repository.add_rule_set(session, made)


def redraw(session: Session, grids: gpd.GeoDataFrame = WIDE, *, day: date | None = None) -> int:
    number, _ = publish(
        session,
        grids,
        title="redrawn",
        valid_from=day or today(),
        synthetic=True,
        attribution="合成边界",
        limit_m=100_000.0,
    )
    return number


def desk(engine: Engine, settings: Settings) -> Desk:
    territories = Territories(engine)
    routers = Routers(engine, territories, limit_m=settings.nearest_limit_m)
    return Desk(settings, routers, GeocoderCache())


def spot(x: float, y: float = 0.5, *, accuracy_m: float | None = None) -> Spot:
    """A place in squares from the origin."""
    return Spot(ORIGIN[0] + x * SIDE_DEG, ORIGIN[1] + y * SIDE_DEG, accuracy_m)


def told(x: float | None = 0.5, category: str = NOISE, **more: Any) -> Report:
    hours = more.pop("hours_ago", 0)
    place = {} if x is None else {"spot": spot(x, more.pop("y", 0.5))}
    return Report(category, NOW - timedelta(hours=hours), **{**place, **more})


def rows(session: Session, query: str, **bound: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(text(query), bound).mappings()]


def decisions(session: Session, external_id: str | None = None) -> list[dict[str, Any]]:
    """The decisions on an incident, or on all, in the order in which they were made."""
    query = (
        "SELECT d.*, i.external_id FROM incident_decision AS d JOIN incident AS i "
        "ON i.id = d.incident_id WHERE i.external_id = coalesce(:number, i.external_id) "
        "ORDER BY d.id"
    )
    return rows(session, query, number=external_id)


def stored(session: Session, external_id: str) -> dict[str, Any]:
    query = "SELECT * FROM incident WHERE external_id = :number"
    return rows(session, query, number=external_id)[0]


def changes(session: Session, kind: str = "incident") -> list[dict[str, Any]]:
    """What the feed tells, in the order in which it was written."""
    query = "SELECT body FROM change WHERE kind = :kind ORDER BY id"
    return [row["body"] for row in rows(session, query, kind=kind)]


@dataclass(frozen=True)
class File:
    """Rows of a file of incidents."""

    rows: pd.DataFrame

    @classmethod
    def of(cls, *given: dict[str, Any]) -> "File":
        common = {"category": NOISE, "reported_at": "2026-10-03 08:00", "state": "办理"}
        return cls(pd.DataFrame([{**common, **each} for each in given]))


def row(number: str, x: float, **more: Any) -> dict[str, Any]:
    place = spot(x)
    return {
        "external_id": number,
        "longitude": place.longitude,
        "latitude": place.latitude,
        **more,
    }
