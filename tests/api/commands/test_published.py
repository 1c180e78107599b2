"""What commands say of an edition: each change once, of a day to come what is known of it."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from api.commands.published import say_published
from geo.calendar import today
from geo.settings import Settings
from geo.territory.model import EditionInfo
from geo.workflows.publish_edition import publish_edition
from tests.builders import square, territory, world
from tests.geo.coverage.small_world import A, B, D, E, build

# A takes B's ground and C's.
MERGED = territory(square(A, x=0, width=3), square(D, x=3), square(E, x=4))


def said(session: Session, day: date, capsys: pytest.CaptureFixture[str]) -> str:
    build(session)
    member = {"grid_code": B, "role": "member", "valid": "[2026-01-01,)"}
    leader = {**member, "role": "grid_leader"}
    world(
        session,
        posts=[
            *({**member, "seat": name, "holder": name} for name in ("甲", "乙", "丙")),
            {**leader, "holder": "丁"},
            {**leader, "grid_code": A, "holder": "戊"},
        ],
    )
    info = EditionInfo("redrawn", day, synthetic=True, attribution="")
    done = publish_edition(session, MERGED, info=info, settings=Settings())
    say_published(done, dry_run=False)
    shown = capsys.readouterr()
    return shown.out + shown.err


def test_posts_of_one_kind_are_said_once(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(session, today(), capsys)
    assert told.count(f"{B} 的网格员（3 个）转到 {A}") == 1
    assert f"{B} 的网格长终止：{A} 已有" in told
    assert "重新派遣的事件" in told
    assert "在此之前一切照旧" not in told


def test_of_a_day_to_come_only_what_is_known_is_said(
    session: Session, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANNERGRID_LANGUAGE", "en")
    soon = today() + timedelta(days=30)
    told = said(session, soon, capsys)
    assert f"takes effect on {soon}; until then nothing changes" in told
    assert f"Grid member (3) of {B} goes on at {A}" in told
    assert "rerouted" not in told
    assert "hidden" not in told
