"""The demo banner's posts and rules go in by the doors that anybody's files take."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.people import repository as people
from geo.routing import proposal, service
from geo.routing import repository as routing
from geo.routing.rules import Resolver
from geo.settings import Settings
from geo.synthetic import Banner, loading, write

# What posts and rules speak of, and what rules are for; visits take longest and change nothing.
NEEDED = (
    *("communities", "compounds", "rules"),
    *("organisations", "cadres", "compound_pairings", "incidents", "posts"),
)


@pytest.fixture
def files(banner: Banner, tmp_path: Path) -> dict[str, Path]:
    return write(banner, tmp_path / "files")


@pytest.fixture
def demo(session: Session, banner: Banner, files: dict[str, Path], tmp_path: Path) -> Session:
    needed = {name: files[name] for name in NEEDED}
    done = loading.load(session, needed, settings=Settings(data=tmp_path), today=banner.today)
    for name, summary in done.items():
        assert (summary.rejected, summary.new) == ({}, summary.read), name
    return session


def test_posts_and_rules_are_in_force_and_their_lists_are_not_empty(
    demo: Session, banner: Banner, files: dict[str, Path]
) -> None:
    stored = set(demo.scalars(text("SELECT DISTINCT grid_code FROM post_term")))
    assert stored == set(demo.scalars(text("SELECT code FROM grid")))
    today = banner.today
    assert len(people.vacancies(demo, on=today).rows) == 2
    ending = people.ending(demo, on=today, days=30).rows
    assert len(ending) >= 3
    assert not ending["overdue"].any()
    assert ending["next_holder"].notna().sum() >= 1
    past = people.holders(demo, on=today - timedelta(days=500))
    assert past["grid_code"].str.len().isin([12, 15]).all()

    first_day = date(today.year - loading.YEARS_BACK, today.month, 1)
    there = routing.rule_set(demo, on=first_day)
    assert there is not None
    assert there.valid_to is None
    proposed = proposal.read(files["rules"])
    assert len(there.rules) == len(proposed.rows)
    assert not service.load(demo, proposed, valid_from=today).is_new


def test_every_incident_in_a_grid_has_somebody_at_every_level(
    demo: Session, banner: Banner
) -> None:
    resolver = Resolver(routing.rule_set(demo, on=banner.today))
    incidents = routing.placed_incidents(demo)
    assert len(incidents) > 5_500
    pairs = set(zip(incidents["category"], incidents["grid_code"], strict=True))
    assert {len(resolver.steps(*pair)) for pair in pairs} == {3}
    first = resolver.first(incidents["category"], incidents["grid_code"])
    # Matters and places of their own are met with, not only what holds everywhere.
    assert first["rule"].nunique() > 12
    assert first["rule"].str.contains(r"duguitala|minle|yihewusu").any()
