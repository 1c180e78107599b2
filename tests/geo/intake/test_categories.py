"""Words for categories become codes; what means none is rejected with the names near it."""

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.db import categories
from geo.intake.model import Summary
from geo.intake.service import load
from geo.settings import Settings
from geo.text import name_key as fold


def loaded(session: Session, settings: Settings, *words: str) -> Summary:
    frame = pd.DataFrame(
        {
            "external_id": [f"E{at}" for at in range(len(words))],
            "category": words,
            "reported_at": "2026-10-03 08:00",
            "state": "filed",
        }
    )
    return load(session, "incidents", frame, settings=settings)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("city.heating", "city.heating"),
        ("供热问题", "city.heating"),
        ("heating", "city.heating"),
        (" 暖气 不热", "city.heating"),
        ("ＣＩＴＹ", "city"),
        ("dispute over wages", "dispute.wages"),
    ],
)
def test_a_code_a_name_or_an_alias_is_its_category(
    banner: Session, settings: Settings, word: str, code: str
) -> None:
    loaded(banner, settings, word)
    assert banner.scalars(text("SELECT category FROM incident")).all() == [code]


def test_an_unknown_word_is_rejected_with_names_near_it(
    banner: Session, settings: Settings
) -> None:
    done = loaded(banner, settings, "供热故障", "噪声", "qqq")
    assert done.rejected == {"CATEGORY.unknown": 2}
    reasons = done.rejects["reject_reason"].tolist()
    assert "category is '供热故障'" in reasons[0]
    assert "供热问题 city.heating" in reasons[0]
    assert "near it are: -" in reasons[1]


def test_no_word_of_the_list_means_two_things() -> None:
    words = [
        (fold(word), row["code"])
        for row in categories.standard()
        for word in (row["code"], row["name"], row["name_en"], *row["aliases"])
    ]
    seen: dict[str, str] = {}
    for word, code in words:
        assert seen.setdefault(word, code) == code, word
