"""What tests ask the service, and an edition that is published meanwhile."""

import uuid
from typing import Any
from urllib.parse import quote

import httpx
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geo.incidents import rerouting
from tests.builders import square, territory
from tests.geo.incidents import world
from tests.geo.incidents.world import FIRST, NOISE, SECOND


def place(x: float, **more: Any) -> dict[str, Any]:
    spot = world.spot(x)
    return {"longitude": spot.longitude, "latitude": spot.latitude, "datum": "cgcs2000", **more}


def report(
    desk: httpx.Client, x: float | None = 0.5, *, key: str | None = None, **more: Any
) -> httpx.Response:
    position = {} if x is None else {"position": place(x)}
    return desk.post(
        "/v1/incidents",
        json={"category": NOISE, **position, **more},
        headers={"Idempotency-Key": key or str(uuid.uuid4())},
    )


def reported(desk: httpx.Client, x: float | None = 0.5, **more: Any) -> dict[str, Any]:
    answer = report(desk, x, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def look(desk: httpx.Client, number: str) -> httpx.Response:
    answer = desk.get(f"/v1/incidents/{quote(number, safe='')}")
    assert answer.status_code == 200, answer.text
    return answer


def correct(
    desk: httpx.Client, number: str, tag: str | None = None, **wanted: Any
) -> httpx.Response:
    """Change an incident as it stands, unless a tag is named."""
    address = f"/v1/incidents/{quote(number, safe='')}"
    seen = tag or look(desk, number).headers["ETag"]
    return desk.patch(address, json=wanted, headers={"If-Match": seen})


def publish(engine: Engine, nth: int) -> None:
    """Move the border between the first two grids to and fro."""
    east = 1 + 0.5 * (nth % 2)
    grids = territory(
        square(FIRST, x=0, width=east, name="金鼎小区"),
        square(SECOND, x=east, width=2 - east, name="鑫园小区"),
        square(world.THIRD, x=2, name="粮库家属楼"),
    )
    with Session(engine) as session, session.begin():
        world.redraw(session, grids)
        rerouting.reroute(session, "edition", nearest_limit_m=200)
