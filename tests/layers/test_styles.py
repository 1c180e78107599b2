"""Style files are facts: complete in both languages, and readable by everyone."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import geopandas as gpd
import numpy as np
import pytest

from geo import measures
from geo.frames import FIGURES
from geo.territory.kinds import ATTRIBUTE
from layers import styles

GRID_MEASURES = list(styles.MEASURES)
HEAT = [f"heat_{name}" for name in styles.HEAT]
MEASURES = [*GRID_MEASURES, "visits", *HEAT]
WORDS = ["page", "heat", "report", "book", "export", "series"]

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
BLINDNESS = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lightness(rgb: np.ndarray) -> float:
    luminance = float(np.clip(rgb, 0, 1) @ [0.2126, 0.7152, 0.0722])
    return 116 * np.cbrt(luminance) - 16 if luminance > 0.008856 else 903.3 * luminance


@pytest.mark.parametrize("name", [*MEASURES, *WORDS])
def test_both_languages_say_the_same_things(name: str) -> None:
    read = tomllib.loads((styles.FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    assert read["zh"].keys() == read["en"].keys()
    for key, chinese in read["zh"].items():
        holes = set(re.findall(r"{\w+}", chinese)), set(re.findall(r"{\w+}", read["en"][key]))
        if key not in {"month", "day"}:  # a month has a number in one, a name in the other
            assert holes[0] == holes[1], key
        assert chinese.strip(), key
        assert read["en"][key].strip(), key


def test_every_style_file_is_one_we_know() -> None:
    assert {path.stem for path in styles.FOLDER.glob("*.toml")} == {*MEASURES, *WORDS}


@pytest.mark.parametrize("name", MEASURES)
def test_classes_and_breaks_belong_together(name: str) -> None:
    style = styles.style(name)
    assert len(style.colours) == len(style.breaks) + 1
    assert list(style.breaks) == sorted(set(style.breaks))
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in style.colours)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("sight", ["full", "grey", *BLINDNESS])
def test_the_order_of_the_colours_survives(name: str, sight: str) -> None:
    colours = [linear(colour) for colour in styles.style(name).colours]
    if sight in BLINDNESS:
        colours = [np.array(BLINDNESS[sight]) @ colour for colour in colours]
    steps = -np.diff([lightness(colour) for colour in colours])
    assert steps.min() > 5, steps


@pytest.mark.parametrize("name", GRID_MEASURES)
def test_every_measure_of_grids_states_its_unit_and_what_is_uncertain(name: str) -> None:
    style = styles.style(name)
    assert style.facts["unit"] in get_args(styles.Unit)
    assert 0 < style.facts["step"] < style.facts["wide"]
    assert {"title", "short", "base", "legend_note", "no_data_long"} <= style.words["zh"].keys()


@pytest.mark.parametrize("name", GRID_MEASURES)
def test_a_count_by_another_has_words_for_both(name: str) -> None:
    row = measures.MEASURES[name]
    words = styles.style(name).words
    counted = {row.part, row.whole} <= FIGURES.columns.keys()
    for language in ("zh", "en"):
        holes = set(re.findall(r"{\w+}", words[language].get("parts", "")))
        assert holes == ({"{part}", "{whole}"} if counted else set())


@pytest.mark.parametrize("name", GRID_MEASURES)
def test_every_measure_of_grids_has_its_breaks_frozen_for_a_year(name: str) -> None:
    assert styles.style(name, 2026).year == 2026


@pytest.mark.parametrize("name", HEAT)
def test_a_heat_map_has_classes_for_its_ratio_too(name: str) -> None:
    style = styles.style(name)
    assert len(style.ratio_breaks) == len(style.breaks)
    assert list(style.ratio_breaks) == sorted(set(style.ratio_breaks))


def test_breaks_of_a_new_year_leave_the_old_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("page", "pairing"):
        read = (styles.FOLDER / f"{name}.toml").read_text(encoding="utf-8")
        changed = re.sub(r"breaks = .*", "breaks = { 2026 = [1, 2], 2027 = [3, 4] }", read)
        (tmp_path / f"{name}.toml").write_text(changed, encoding="utf-8")
    monkeypatch.setattr(styles, "FOLDER", tmp_path)
    styles.style.cache_clear()
    styles._read.cache_clear()  # noqa: SLF001 - the other style sheets stay read
    chosen = {year: styles.style("pairing", year).breaks for year in (2024, 2026, 2027, 2031)}
    monkeypatch.undo()
    styles.style.cache_clear()
    styles._read.cache_clear()  # noqa: SLF001
    assert chosen == {2024: (1, 2), 2026: (1, 2), 2027: (3, 4), 2031: (3, 4)}


@pytest.mark.parametrize(
    ("kind", "zh", "en"),
    [
        ("banner", "全旗", "Whole banner"),
        ("county", "全县", "Whole county"),
        ("urban_district", "全区", "Whole district"),
        (None, "全境", "Whole area"),
    ],
)
def test_the_whole_is_called_by_what_the_county_is(kind: str | None, zh: str, en: str) -> None:
    grids = gpd.GeoDataFrame(geometry=[])
    if kind is not None:
        grids.attrs[ATTRIBUTE] = kind
    for name in ("page", "coverage", "report", "book", "series"):
        for language, whole in (("zh", zh), ("en", en)):
            words = styles.name_county(styles.texts(name, language), grids, language)
            assert words["overview"].startswith(whole)
            assert not any("{county}" in text for text in words.values())
