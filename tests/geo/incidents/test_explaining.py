"""The sentences: of what waits, whatever the reason, and of decisions whose grid is no more."""

import pytest
from sqlalchemy.orm import Session

from geo.incidents import explaining, rerouting, routers, service
from geo.incidents.model import Correction
from geo.incidents.service import Desk
from geo.territory.live import Territories
from tests.builders import square, territory
from tests.geo.geocoding.delivery import town
from tests.geo.incidents import world
from tests.geo.incidents.world import FIRST, THIRD, told

REASONS = [
    "COORDINATE.missing",
    "COORDINATE.swapped",
    "COORDINATE.invalid",
    "GEOMETRY.type",
    "PLACE.outsideBanner",
    "PLACE.noGrid",
    "ADDRESS.uncertain",
    "ADDRESS.unknown",
    "ADDRESS.notInBanner",
]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", REASONS)
def test_every_reason_is_a_whole_sentence(
    banner: Session, desk: Desk, code: str, language: str
) -> None:
    address = town.UNHEARD if code.startswith("ADDRESS") else None
    place = 100 if code.startswith("PLACE") else None
    given = told(place, external_id="E", address=address)
    this = service.report(banner, desk, given, key="k").detail.incident
    world.rows(banner, "UPDATE incident SET unplaced_reason = :code RETURNING id", code=code)
    this = service.look(banner, desk, "E").incident
    router = routers.now(banner, nearest_limit_m=200)
    said = explaining.waiting(banner, [this], router, language=language)  # type: ignore[arg-type]
    sentence = said[this.number]
    assert "{" not in sentence
    assert not sentence.isascii() or language == "en"
    if code == "ADDRESS.uncertain":
        assert "0%" in sentence
        assert "COMPOUND.notInGazetteer" in sentence
    if code == "PLACE.noGrid":
        assert "8." in sentence  # kilometres to the third grid
        assert "200" in sentence
    if address is not None:
        assert town.UNHEARD in sentence


def test_what_has_a_grid_is_passed_over(banner: Session, desk: Desk) -> None:
    this = service.report(banner, desk, told(0.5), key="k").detail.incident
    router = routers.now(banner, nearest_limit_m=200)
    assert explaining.waiting(banner, [this], router, language="zh") == {}
    assert explaining.waiting(banner, [], router, language="zh") == {}


def test_an_old_decision_is_explained_by_what_held_then(banner: Session, desk: Desk) -> None:
    service.report(banner, desk, told(1.5, external_id="E"), key="k")
    closed = Correction(state="closed", solved_at_level="grid")
    service.correct(banner, desk, "E", closed, seen=[service.ANY])
    world.redraw(banner, territory(square(FIRST, x=0, width=2), square(THIRD, x=2)))
    rerouting.reroute(banner, "edition", nearest_limit_m=200)
    (decision,) = service.look(banner, desk, "E").decisions
    now = routers.now(banner, nearest_limit_m=200)
    territories = Territories(banner.get_bind().engine)
    for language in ("zh", "en"):
        said = explaining.reason(banner, territories, decision, now, language=language)  # type: ignore[arg-type]
        assert all(each in said for each in ("鑫园小区", "noise-second", "城管局"))
