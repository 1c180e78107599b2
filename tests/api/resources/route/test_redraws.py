"""After fifty redraws any day, and any edition, is answered as it was answered then."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import httpx
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from geo.routing import repository
from geo.routing.model import Rule, RuleSet
from tests import builders
from tests.api.conftest import Database, serving
from tests.api.resources.route.world import PATH
from tests.builders import ORIGIN, SIDE_DEG, publish, territory
from tests.geo.territory.coverages import frame, patchwork, plainly
from tests.waiting import until

REDRAWS = 50
SIDE = 6  # squares
START = date(2024, 1, 1)
LIMIT_M = 200.0  # a setting's default
COMMUNITIES = ("150625100001", "150625100002")


@dataclass(frozen=True)
class Drawn:
    """An edition as it was published."""

    number: int
    valid_from: date
    grids: gpd.GeoDataFrame


def redrawn(rng: np.random.Generator, labels: np.ndarray, number: int) -> gpd.GeoDataFrame:
    """Let some squares change hands, new grids come and old ones go; names are of the edition."""
    row, column = rng.integers(0, SIDE, (2, 4))
    labels[row, column] = rng.integers(-1, 14, 4)  # -1 is nobody's
    there = np.unique(labels[labels >= 0])
    codes = [f"{COMMUNITIES[each % 2]}{each + 1:03d}" for each in there]
    both = territory(
        frame(patchwork(labels), codes),
        communities=dict.fromkeys(COMMUNITIES, f"社区{number}"),
    )
    both.loc[both["level"] == 2, "name"] = f"小区{number}"
    return both


def terms() -> Iterator[tuple[str, int, date, date]]:
    """Who leads a community, by number: a term of 97 days after the other."""
    for code in COMMUNITIES:
        for number in range(12):
            first = START + timedelta(days=97 * number)
            yield code, number, first, first + timedelta(days=97)


def populate(engine: Engine, drawn: Drawn) -> None:
    with Session(engine) as session, session.begin():
        put(session, drawn)
        builders.world(
            session,
            organisations=[{"external_id": "D1", "name": "局"}],
            posts=[
                {
                    "grid_code": code,
                    "role": "grid_leader",
                    "holder": str(at),
                    "valid": f"[{first or ''},{last or ''})",
                }
                for code, at, first, last in terms()
            ],
        )
        for number in range(10):
            rule = Rule("all", "city", "grid", "150625", "D1", number + 1)
            valid_from = START + timedelta(days=60 * number)
            repository.add_rule_set(
                session, RuleSet(number + 1, f"第{number}套", valid_from, None, (rule,))
            )


def put(session: Session, drawn: Drawn) -> None:
    number, _ = publish(
        session,
        drawn.grids,
        title="test",
        valid_from=drawn.valid_from,
        synthetic=True,
        attribution="",
        limit_m=LIMIT_M,
    )
    assert number == drawn.number


@contextmanager
def world(database: Database) -> Iterator[tuple[str, Engine]]:
    with database(fill=None) as url:
        engine = make_engine(url)
        try:
            yield url, engine
        finally:
            engine.dispose()


def test_any_day_and_any_edition_is_answered_as_then(database: Database) -> None:
    rng = np.random.default_rng(20261203)
    labels = np.arange(SIDE * SIDE).reshape(SIDE, SIDE) // 3
    history = [Drawn(1, START, redrawn(rng, labels, 1))]
    points = ORIGIN + rng.uniform(-1.5, SIDE + 1.5, (7, 2)) * SIDE_DEG
    points[:3] = np.round(ORIGIN + rng.integers(0, SIDE + 1, (3, 2)) * SIDE_DEG, 7)
    given: dict[tuple[int, date], list[bytes]] = {}
    with world(database) as (url, engine):
        populate(engine, history[0])
        with serving(url) as client:
            for number in range(2, REDRAWS + 2):
                # Now and then twice on one day.
                valid_from = history[-1].valid_from + timedelta(days=int(rng.integers(0, 15)))
                history.append(Drawn(number, valid_from, redrawn(rng, labels, number)))
                with Session(engine) as session, session.begin():
                    put(session, history[-1])
                until(lambda number=number: _newest(client, points[0]) == number)
                for day in _days(rng, valid_from):
                    given[number, day] = asked(client, points, at=day)
            for (number, day), answers in given.items():
                assert asked(client, points, at=day, edition=number) == answers, (number, day)
            for day in _days(rng, history[-1].valid_from, count=40):
                then = [each for each in history if each.valid_from <= day][-1]
                answers = [_json(body) for body in asked(client, points, at=day)]
                assert {each["edition"] for each in answers} == {REDRAWS + 1}
                check(answers, then, day, points)
    seen = {(body, number) for (number, _), bodies in given.items() for body in bodies}
    assert len(seen) > 5 * REDRAWS


def _newest(client: httpx.Client, point: np.ndarray) -> int:
    (body,) = asked(client, point[None])
    return int(_json(body)["edition"])


def _days(rng: np.random.Generator, last: date, count: int = 2) -> list[date]:
    """Days up to one after an edition's first."""
    span = (last - START).days + 1
    return [START + timedelta(days=int(each)) for each in rng.integers(0, span + 1, count)]


def asked(client: httpx.Client, points: np.ndarray, **more: Any) -> list[bytes]:
    answers = []
    for longitude, latitude in points:
        where = {"longitude": f"{longitude:.9f}", "latitude": f"{latitude:.9f}"}
        params = where | {"datum": "cgcs2000", "category": "city"} | more
        answer = client.get(PATH, params=params)
        assert answer.status_code == 200, answer.text
        answers.append(answer.content)
    return answers


def _json(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = httpx.Response(200, content=body).json()
    return found


def check(answers: list[dict[str, Any]], then: Drawn, day: date, points: np.ndarray) -> None:
    """Compare with what was drawn, and with who and what held on the day."""
    level_two = then.grids[then.grids["level"] == 2]
    spots = shapely.points(np.round(points, 9))
    wanted = plainly(level_two, spots, limit_m=LIMIT_M)
    names = level_two.set_index("code")["name"]
    days = (day - START).days
    for answer, row in zip(answers, wanted.to_dict("records"), strict=True):
        assert answer["match"] == (row["match"] or "outside")
        if pd.isna(row["grid_code"]):
            assert answer["grid"] is None
            continue
        code = row["grid_code"]
        assert answer["grid"]["code"] == code
        assert answer["grid"]["name"] == names[code], day
        assert answer["community"]["name"] == names[code].replace("小区", "社区")
        assert answer["distance_m"] == round(row["distance_m"], 3)
        assert answer["limit_h"] == min(days // 60, 9) + 1
        holders = [each["holder"] for each in answer["posts"] if each["level"] == "community"]
        assert holders == [str(days // 97)]
