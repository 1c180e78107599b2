"""Categories of a hotline: many of theirs to one of ours, proposed by their words."""

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.db.categories import standard
from geo.intake import facts
from geo.intake.categories import propose, propose_categories
from geo.intake.mapping import read_mapping
from geo.intake.model import Summary
from geo.intake.service import load
from geo.settings import Settings
from tests.geo.intake import world

OURS = [(row["code"], (row["name"], row["name_en"], *row["aliases"])) for row in standard()]
WORDS = ["城市管理-市容环境-垃圾清运", "供水供电-停水", "市容-垃圾乱扔", "咨询"]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("城市管理-市容环境-垃圾清运", "city.sanitation"),
        ("供水供电-停水", "city.water"),
        ("交通出行 > 违停", "city.parking"),
        ("环境保护/油烟扰民", "environment.air"),
        ("住建：房屋质量：墙体开裂", "safety.building"),
        ("供暖问题", "city.heating"),
        ("Street noise complaint", "city.noise"),
        ("咨询", None),
        ("物业管理-电梯故障", None),
        ("qqq", None),
    ],
)
def test_a_category_is_proposed_by_its_words(word: str, code: str | None) -> None:
    assert propose([word], OURS) == {word: code}


def loaded(session: Session, settings: Settings, body: str | None) -> Summary:
    frame = pd.DataFrame(
        {
            "工单编号": [f"E{at}" for at in range(len(WORDS))],
            "诉求类型": WORDS,
            "来电时间": "2026/10/8 9:24",
            "工单状态": "处理中",
        }
    )
    mapping = None
    if body is not None:
        path = settings.data / "m.toml"
        path.write_text(body, "utf-8")
        mapping = read_mapping(path, facts.kind("incidents"))
    return load(session, "incidents", frame, settings=settings, mapping=mapping, today=world.TODAY)


def block_of(done: Summary) -> str:
    [said] = [vars(each) for each in done.remarks if each.code == "CATEGORY.proposed"]
    return str(said["values"]["block"])


def test_what_is_proposed_can_be_pasted_as_it_is(banner: Session, settings: Settings) -> None:
    first = loaded(banner, settings, None)
    assert (first.new, first.rejected) == (0, {"CATEGORY.unknown": 4})
    assert "city.sanitation, " in first.rejects["reject_reason"][0] + ", "
    block = block_of(first)
    assert '# "咨询" = ""' in block
    done = loaded(banner, settings, block)
    assert (done.new, done.rejected) == (3, {"CATEGORY.unknown": 1})
    stored = banner.scalars(text("SELECT category FROM incident ORDER BY external_id")).all()
    assert stored == ["city.sanitation", "city.water", "city.sanitation"]
    # What is proposed next holds what was said before.
    whole = block_of(done).replace('# "咨询" = ""', '"咨询" = "care"')
    assert loaded(banner, settings, whole).rejected == {}


def test_words_that_are_known_mean_what_they_mean(banner: Session) -> None:
    assert propose_categories(banner, ["噪声", "咨询"]) == {"噪声": "city.noise", "咨询": None}
