"""Pairings: an open one lasts until the next of the household starts; a real overlap is refused."""

import itertools

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.intake.model import Summary
from geo.intake.service import load
from geo.settings import Settings


def paired(session: Session, settings: Settings, *rows: str) -> Summary:
    """Load rows written as "household cadre from to"."""
    names = ["household_id", "cadre_id", "valid_from", "valid_to"]
    frame = pd.DataFrame([([*row.split(), ""])[:4] for row in rows], columns=names)
    return load(session, "pairings", frame, settings=settings)


def stored(session: Session) -> list[str]:
    query = text(
        "SELECT concat_ws(' ', h.external_id, c.external_id, lower(valid), upper(valid))"
        " FROM pairing p JOIN household h ON h.id = household_id JOIN cadre c ON c.id = cadre_id"
        " ORDER BY h.external_id, valid"
    )
    return list(session.scalars(query))


def test_a_later_pairing_closes_the_open_one(banner: Session, settings: Settings) -> None:
    first = paired(banner, settings, "H1 C1 2025-01-01", "H2 C1 2025-01-01")
    assert (first.new, first.closed) == (2, 0)
    second = paired(banner, settings, "H1 C2 2025-06-01")
    assert (second.new, second.changed, second.closed) == (1, 0, 1)
    wanted = ["H1 C1 2025-01-01 2025-06-01", "H1 C2 2025-06-01", "H2 C1 2025-01-01"]
    assert stored(banner) == wanted
    # The first file still says "open": that is not another opinion.
    again = paired(banner, settings, "H1 C1 2025-01-01", "H2 C1 2025-01-01")
    assert (again.new, again.changed, again.unchanged, again.closed) == (0, 0, 2, 0)
    assert stored(banner) == wanted


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_open_pairings_of_one_file_follow_each_other_in_any_order(
    banner: Session, settings: Settings, order: tuple[int, ...]
) -> None:
    rows = ["H1 C1 2025-01-01", "H1 C2 2025-03-01", "H1 C3 2025-09-01"]
    assert paired(banner, settings, *(rows[at] for at in order)).new == 3
    assert stored(banner) == [
        "H1 C1 2025-01-01 2025-03-01",
        "H1 C2 2025-03-01 2025-09-01",
        "H1 C3 2025-09-01",
    ]


def test_a_changed_row_changes_cadre_and_end(banner: Session, settings: Settings) -> None:
    paired(banner, settings, "H1 C1 2025-01-01", "H2 C1 2025-01-01")
    done = paired(banner, settings, "H1 C2 2025-01-01", "H2 C1 2025-01-01 2025-02-01")
    assert (done.new, done.changed, done.unchanged) == (0, 2, 0)
    assert stored(banner) == ["H1 C2 2025-01-01", "H2 C1 2025-01-01 2025-02-01"]


def test_overlaps_with_what_is_there_are_refused(banner: Session, settings: Settings) -> None:
    paired(banner, settings, "H1 C1 2025-03-01 2025-06-01")
    done = paired(
        banner,
        settings,
        "H1 C2 2025-05-01",
        "H1 C2 2025-01-01 2025-04-01",
        "H1 C2 2025-02-01 2025-03-01",
        "H1 C3 2025-06-01",
    )
    assert done.rejected == {"PAIRING.overlap": 2}
    assert done.rejects["reject_line"].tolist() == [1, 2]
    assert len(stored(banner)) == 3


def test_of_a_chain_of_overlaps_every_other_one_stays(banner: Session, settings: Settings) -> None:
    done = paired(
        banner,
        settings,
        "H1 C1 2025-01-01 2025-02-10",
        "H1 C2 2025-02-01 2025-03-10",
        "H1 C3 2025-03-01 2025-04-10",
        "H1 C1 2025-04-01",
    )
    assert done.rejects["reject_line"].tolist() == [2, 4]
    assert stored(banner) == ["H1 C1 2025-01-01 2025-02-10", "H1 C3 2025-03-01 2025-04-10"]


def test_a_span_cut_short_makes_room_for_the_next_in_the_same_file(
    banner: Session, settings: Settings
) -> None:
    paired(banner, settings, "H1 C1 2025-01-01 2025-12-01")
    done = paired(banner, settings, "H1 C1 2025-01-01 2025-05-01", "H1 C2 2025-05-01")
    assert (done.new, done.changed, done.rejected) == (1, 1, {})
    assert stored(banner) == ["H1 C1 2025-01-01 2025-05-01", "H1 C2 2025-05-01"]
