"""The rows of the measures: each can be added up over places, and says all that is made of it."""

import pytest

from geo.coverage.bases import BASES
from geo.coverage.measures import KEPT
from geo.frames import FIGURES
from geo.measures import MEASURES, Measure

ROWS = list(MEASURES.values())


def test_the_measures_stand_in_figures_in_the_place_that_their_rows_name() -> None:
    columns = list(FIGURES.columns)
    for measure in ROWS:
        at = columns.index(measure.name)
        assert columns[at : at + len(measure.columns)] == list(measure.columns)
        assert measure.after is None or columns[at - 1] == measure.after


@pytest.mark.parametrize("measure", ROWS, ids=list(MEASURES))
def test_a_town_can_be_added_up(measure: Measure) -> None:
    assert {measure.part, measure.whole} & FIGURES.columns.keys()
    known = {*FIGURES.columns, *KEPT}
    assert measure.whole in known
    assert measure.part is None or measure.part in known
    # A mean is read as it stands: what it is a mean of is published.
    assert measure.part is not None or measure.whole in FIGURES.columns


@pytest.mark.parametrize("measure", ROWS, ids=list(MEASURES))
def test_a_row_says_all_that_is_made_of_it(measure: Measure) -> None:
    assert len(measure.example) == len(measure.columns)
    assert bool(measure.called) == (measure.interval is not None)
    assert measure.interval in {None, "share", "count", "drawn"}
    assert (measure.interval == "drawn") == (measure.name == "coverage")
    assert measure.unit is None or measure.unit.keys() == {"zh", "en"}
    for language in ("zh", "en"):
        assert measure.meanings(language).keys() == set(measure.columns)


@pytest.mark.parametrize("measure", ROWS, ids=list(MEASURES))
def test_what_rests_on_a_base_is_withheld_with_it(measure: Measure) -> None:
    resting = {name for name, base in BASES.items() if set(measure.columns) <= set(base.figures)}
    assert resting == ({measure.base} if measure.base else set())
