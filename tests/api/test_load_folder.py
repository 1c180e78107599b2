"""Whole counties walked from the files as their offices keep them to the month's figures."""

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from api.cli import group
from geo.errors import BannerGridError
from tests import counties
from tests.counties import County


def run(*words: str | Path, url: str | None = None, language: str = "zh") -> Result:
    env = {"BANNERGRID_LANGUAGE": language, "BANNERGRID_DATABASE_URL": url}
    return CliRunner(env=env).invoke(group, list(map(str, words)))


def done(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def walk(county: County, url: str, data: Path) -> str:
    """Look, load, draw: the walk of the README; give what the load said."""
    done(run("inspect", county.folder, url=url))
    loaded = done(run("--data", data, "load-folder", county.folder, url=url))
    page = county.folder.parent / "coverage.html"
    done(run("render", "coverage", "--month", county.month, "--out", page, url=url))
    assert page.stat().st_size > 0
    return loaded


def figures(county: County, url: str) -> pd.DataFrame:
    out = county.folder.parent / "figures.csv"
    done(run("render", "figures", "--month", county.month, "--out", out, "--force", url=url))
    return pd.read_csv(out).set_index("name")


def check_figures(county: County, url: str) -> None:
    found = figures(county, url)
    assert found["households"].to_dict() == county.registered
    assert found["by_paired"].to_dict() == county.visited


def test_a_county_of_numbers_is_walked_to_its_figures(
    tmp_path: Path, own_database_url: str
) -> None:
    county = counties.numbered(tmp_path / "county")
    said = walk(county, own_database_url, tmp_path / "data")
    assert "退回 0" in said
    check_figures(county, own_database_url)

    again = done(
        run("--data", tmp_path / "data", "load-folder", county.folder, url=own_database_url)
    )
    assert "网格与已有的相同，没有发布新版本" in again
    totals = again.partition("合计")[2]
    assert "新增 0，更新 0" in totals
    assert "新增 1" not in totals
    check_figures(county, own_database_url)
