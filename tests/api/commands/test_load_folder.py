"""Whole counties walked from the files as their offices keep them to the month's figures."""

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from api.cli import group
from geo.errors import BannerGridError
from tests import counties, villages
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


def test_the_next_months_folder_closes_withdraws_and_says_so(
    tmp_path: Path, own_database_url: str
) -> None:
    county = counties.numbered(tmp_path / "county")
    walk(county, own_database_url, tmp_path / "data")
    month = tmp_path / "next"
    month.mkdir()
    homes = pd.read_csv(county.folder / "户表.csv", dtype="str")
    homes.drop(index=[0]).to_csv(month / "户表.csv", index=False)
    visits = pd.read_csv(county.folder / "十月入户.csv", encoding="gb18030", dtype="str")
    visits.drop(index=[1, 2]).to_csv(month / "十月入户.csv", index=False)

    def follow(*words: str) -> str:
        command = ("--data", tmp_path / "data", "load-folder", month, "--datum", "bd09")
        return done(run(*command, *words, url=own_database_url))

    plain = follow()
    assert "加 --complete-list 予以注销" in plain
    check_figures(county, own_database_url)
    rehearsed = follow("--complete-list", "--replace", "--closed-on", "2026-10-01", "--dry-run")
    assert "1 户不在清单中" in rehearsed
    assert "撤回 2" in rehearsed
    check_figures(county, own_database_url)
    real = follow("--complete-list", "--replace", "--closed-on", "2026-10-01")
    assert "撤回的走访在" in real
    found = figures(county, own_database_url)
    assert found.loc["望湖苑", "households"] == county.registered["望湖苑"] - 1
    assert found["by_paired"].sum() == sum(county.visited.values()) - 2 * 3
    # Two lists of one kind would close each other's households.
    homes.iloc[:60].to_csv(month / "户表.csv", index=False)
    homes.iloc[60:].to_csv(month / "乙.csv", index=False)
    words = ("load-folder", month, "--datum", "bd09", "--complete-list")
    refused = run("--data", tmp_path / "data", *words, url=own_database_url)
    assert refused.exit_code != 0
    assert "2 份 households" in refused.output


def test_a_county_of_names_and_doors_is_walked_to_its_figures(
    tmp_path: Path, own_database_url: str
) -> None:
    county = counties.by_names(tmp_path / "county")
    said = walk(county, own_database_url, tmp_path / "data")
    assert "退回 0" in said.partition("合计")[2]
    assert "退回 1" not in said.partition("合计")[2]
    check_figures(county, own_database_url)
    again = done(
        run("--data", tmp_path / "data", "load-folder", county.folder, url=own_database_url)
    )
    totals = again.partition("合计")[2]
    assert totals.count("新增 0，更新 0") == totals.count("新增")
    check_figures(county, own_database_url)


def test_a_county_abroad_with_english_headings_is_walked_in_english(
    tmp_path: Path, own_database_url: str
) -> None:
    county = counties.abroad(tmp_path / "county")
    looked = done(run("inspect", county.folder, url=None, language="en"))
    assert "home visiting.xlsx!Staff  cadres" in looked
    assert "private, not read: Phone" in looked
    assert "no divisions" in looked
    assert (county.folder / "mapping.toml").is_file()
    loaded = run("load-folder", county.folder, "--dry-run", url=own_database_url, language="en")
    assert "Dry run: nothing was written" in done(loaded)
    walk(county, own_database_url, tmp_path / "data")
    check_figures(county, own_database_url)


def test_a_county_of_addresses_is_walked_to_its_figures(
    tmp_path: Path, own_database_url: str
) -> None:
    county = villages.by_addresses(tmp_path / "county")
    looked = done(run("inspect", county.folder, url=own_database_url))
    assert "CSQDM → code?, CSQMC → name?" in looked
    assert "“百度经度”列中是纬度，“百度纬度”列中是经度，已对调" in looked
    assert '{ value = "2026-10-01" } → valid_from' in looked
    assert "# valid_from = 2026-10-01" in (county.folder / "映射.toml").read_text("utf-8")
    said = walk(county, own_database_url, tmp_path / "data")
    totals = said.partition("合计")[2]
    assert totals.count("退回 0") == totals.count("退回")
    check_figures(county, own_database_url)
    again = done(
        run("--data", tmp_path / "data", "load-folder", county.folder, url=own_database_url)
    )
    totals = again.partition("合计")[2]
    assert totals.count("新增 0，更新 0") == totals.count("新增")
    check_figures(county, own_database_url)


def test_what_is_not_certain_is_asked_and_nothing_is_loaded(
    tmp_path: Path, own_database_url: str
) -> None:
    county = counties.numbered(tmp_path / "county")
    refused = run("load-folder", county.folder, url=own_database_url)
    assert isinstance(refused.exception, BannerGridError)
    said = refused.exception.message("zh")
    assert '[file."户表.csv"]\ndatum = "bd09"' in said
    assert "bannergrid inspect" in said
    with_datum = run("load-folder", county.folder, "--datum", "bd09", url=own_database_url)
    assert isinstance(with_datum.exception, BannerGridError)
    assert "户表.csv" not in with_datum.exception.message("zh")


def test_the_mapping_file_is_followed_and_never_overwritten(tmp_path: Path) -> None:
    county = counties.numbered(tmp_path / "county")
    path = tmp_path / "映射.toml"
    own = '[file."干部表.csv"]\nskip = true\n'
    path.write_text(own, "utf-8")
    said = done(run("inspect", county.folder, "--mapping", path))
    assert path.read_text("utf-8") == own
    assert "没有改动" in said
    assert "干部表.csv：写明不载入" in said
    found = json.loads(run("inspect", county.folder, "--mapping", path, "--json").stdout)
    kinds = {each["file"]: each["kind"] for each in found["files"] if each["load"]}
    assert kinds["户表.csv"] == "households"
    assert "干部表.csv" not in kinds
    done(run("inspect", county.folder, "--mapping", path, "--force"))
    assert path.read_text("utf-8") != own


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('[file."户表.csv"]\nkind = "houses"\n', "houses"),
        ('[file."户表.csv"]\ndatums = "gcj02"\n', "datums"),
        ("[people]\nname = 1\n", "people"),
        ("[territory]\nmended = true\n", "mended"),
        ("[file\n", "TOML"),
    ],
)
def test_what_a_mapping_file_cannot_say_is_named(tmp_path: Path, lines: str, said: str) -> None:
    county = counties.numbered(tmp_path / "county")
    path = tmp_path / "m.toml"
    path.write_text(lines, "utf-8")
    refused = run("inspect", county.folder, "--mapping", path)
    assert isinstance(refused.exception, BannerGridError)
    assert said in refused.exception.message("zh")
