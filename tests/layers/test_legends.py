from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from layers import legends

WORDS = {"class_first": "<{upper}", "class_middle": "{lower}-{upper}", "class_last": ">={lower}"}


def test_a_value_on_a_break_belongs_to_the_class_above() -> None:
    classes = legends.classify([0.0, 0.4999, 0.5, 0.9, 0.95, 1.0], [0.5, 0.9, 0.95])
    assert classes.tolist() == [0, 0, 1, 2, 3, 3]


def test_a_missing_value_is_no_class_and_never_the_lowest() -> None:
    assert legends.classify([np.nan, 0.0], [0.5]).tolist() == [legends.NO_DATA, 0]


def test_labels_name_the_bounds_in_percent() -> None:
    entries = legends.rate_legend([0.5, 0.95], ["#a", "#b", "#c"], WORDS)
    assert [entry.label for entry in entries] == ["<50", "50-95", ">=95"]
    assert [entry.colour for entry in entries] == ["#a", "#b", "#c"]


def test_counts_are_named_with_both_ends_inside() -> None:
    entries = legends.count_legend([10, 1000], ["#a", "#b", "#c"], WORDS)
    assert [entry.label for entry in entries] == ["<9", "10-999", ">=1,000"]


def test_cells_of_a_hectare_keep_the_breaks() -> None:
    assert legends.cell_breaks([10, 20, 40], cell_m=100) == [10, 20, 40]
    assert legends.cell_breaks([10, 20, 40], cell_m=200) == [40, 80, 160]


@given(st.floats(5, 2000))
def test_no_class_of_cells_is_empty_by_construction(cell_m: float) -> None:
    breaks = legends.cell_breaks([10, 20, 40, 80, 160], cell_m=cell_m)
    assert breaks[0] >= 2
    assert all(low < high for low, high in pairwise(breaks))
