"""`bannergrid territory` as an administrator runs it."""

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner, Result

from api.cli import group
from geo.errors import BannerGridError, FileRefusedError, FrameError
from tests.geo.territory.raw import FIVE, TWO, communities, compounds


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    TWO.to_file(tmp_path / "communities.geojson")
    FIVE.to_file(tmp_path / "compounds.gpkg")
    communities(c001=(0, 0, 4.1, 4), c002=(4, 0, 2, 4)).to_file(tmp_path / "overlap.geojson")
    (tmp_path / "divisions.csv").write_text(
        "code,kind,name\n150625,banner,杭锦旗\n150625100,town,锡尼镇\n", encoding="utf-8"
    )
    return tmp_path


def run(*words: str | Path, url: str | None = None) -> Result:
    env = {"BANNERGRID_LANGUAGE": "zh", "BANNERGRID_DATABASE_URL": url}
    return CliRunner(env=env).invoke(group, ["territory", *map(str, words)])


def load(folder: Path, url: str, *more: str) -> Result:
    names = ("--divisions", folder / "divisions.csv", "--valid-from", "2026-01-01", "--synthetic")
    files = (folder / "communities.geojson", folder / "compounds.gpkg")
    return run("load", *files, *names, *more, url=url)


def test_check_lists_faults_writes_them_and_exits_1(folder: Path) -> None:
    result = run("check", folder / "overlap.geojson", "--out", folder / "faults.geojson")
    assert result.exit_code == 1
    assert "社区001 | 社区002" in result.output
    assert "overlap 1" in result.output
    faults = json.loads((folder / "faults.geojson").read_text(encoding="utf-8"))
    assert faults["features"][0]["properties"]["kind"] == "overlap"


def test_check_of_clean_files_says_so(folder: Path) -> None:
    clean = run("check", folder / "communities.geojson")
    assert (clean.exit_code, "没有问题" in clean.output) == (0, True)
    within = ("--no-gaps", "--within", folder / "communities.geojson")
    assert run("check", folder / "compounds.gpkg", *within).exit_code == 0


def test_noise_is_listed_and_no_reason_to_exit_1(folder: Path) -> None:
    hair = communities(c001=(0, 0, 4, 4), c002=(4, 0, 2, 4))
    west, south, east, north = hair.geometry[0].bounds
    hair.loc[0, "geometry"] = shapely.box(west, south, east + 1e-11, north)
    hair.to_parquet(folder / "hair.parquet")
    result = run("check", folder / "hair.parquet")
    assert (result.exit_code, "overlap 1" in result.output) == (0, True), result.output
    assert "计算误差" in result.output


def test_load_show_export(folder: Path, own_database_url: str) -> None:
    loaded = load(folder, own_database_url)
    assert loaded.exit_code == 0, loaded.output
    assert "一级网格 2 个，二级网格 5 个" in loaded.output

    shown = run("show", "--level", "2", url=own_database_url)
    assert "锡尼镇" in shown.output
    assert "合成数据" in shown.output
    assert "150625100001003" in shown.output
    assert "没有名称" not in shown.output

    for name in ("g.geojson", "g.gpkg", "g.parquet", "g.shp", "g.csv"):
        out = folder / name
        assert run("export", out, url=own_database_url).exit_code == 0
        if name.endswith(".csv"):
            assert out.read_text(encoding="utf-8-sig").count("合成数据") == 7
            continue
        read = gpd.read_parquet(out) if name.endswith("parquet") else gpd.read_file(out)
        assert len(read) == 7
        assert set(read["data"]) == {"合成数据"}
    again = run("export", folder / "g.csv", url=own_database_url)
    assert again.exit_code == 2
    assert "--force" in again.output


def test_a_dry_run_writes_nothing(folder: Path, own_database_url: str) -> None:
    dry = load(folder, own_database_url, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "演练" in dry.output
    nothing = run("show", url=own_database_url)
    assert isinstance(nothing.exception, BannerGridError)
    assert nothing.exception.code == "edition.not_found"


def test_faulty_boundaries_are_refused_then_mended(folder: Path, own_database_url: str) -> None:
    (folder / "communities.geojson").write_bytes((folder / "overlap.geojson").read_bytes())
    refused = load(folder, own_database_url)
    assert isinstance(refused.exception, BannerGridError)
    assert "--mend" in refused.exception.message("zh")
    mended = load(folder, own_database_url, "--mend")
    assert mended.exit_code == 0, mended.output
    assert "moved_m2" in mended.output
    assert "社区：已修补重叠 1 处" in mended.output


def test_a_lake_is_left_where_asked(folder: Path, own_database_url: str) -> None:
    shore = communities(c001=(0, 0, 4, 4), c002=(4, 0, 2, 4))
    lake = shapely.box(*shore.geometry[1].buffer(-0.0005).bounds)
    shore.loc[1, "geometry"] = shapely.difference(shore.geometry[1], lake)
    shore.to_file(folder / "communities.geojson")
    FIVE.iloc[:4].to_file(folder / "compounds.gpkg")
    refused = load(folder, own_database_url, "--mend")
    assert isinstance(refused.exception, BannerGridError)
    assert "--leave-holes" in refused.exception.message("zh")
    left = load(folder, own_database_url, "--leave-holes")
    assert left.exit_code == 0, left.output
    assert "按要求保留 1 处空地" in left.output
    assert "在社区002之内" in left.output


def test_a_wrong_column_pair_is_a_usage_error(folder: Path) -> None:
    result = run("check", folder / "communities.geojson", "--column", "SQMC")
    assert result.exit_code == 2
    assert "code=SQDM" in result.output


def two_layers(folder: Path) -> Path:
    """One GeoPackage of both levels, the compounds' numbers under a heading of their own."""
    path = folder / "banner.gpkg"
    TWO.to_file(path, layer="社区")
    FIVE.rename(columns={"external_id": "BH"}).to_file(path, layer="小区")
    return path


def test_options_are_for_all_files_or_for_one(folder: Path, own_database_url: str) -> None:
    both = (two_layers(folder),) * 2
    without = run("load", *both, url=own_database_url)
    assert isinstance(without.exception, FileRefusedError)
    assert "社区, 小区" in without.exception.message("zh")
    layers = ("--layer", "communities=社区", "--layer", "compounds=小区", "--dry-run")
    for column in ("external_id=BH", "compounds.external_id=BH"):
        loaded = run("load", *both, *layers, "--column", column, url=own_database_url)
        assert loaded.exit_code == 0, loaded.output
        assert "二级网格 5 个" in loaded.output
    wrong = run("load", *both, *layers, "--column", "external_id=XX", url=own_database_url)
    assert isinstance(wrong.exception, FrameError)
    stated = run("load", *both, *layers, "--crs", "EPSG:4545", url=own_database_url)
    assert stated.exit_code == 0, stated.output
    assert "--crs EPSG:4545 未用于它" in stated.output
    named = run("load", *both, *layers, "--crs", "compounds=EPSG:4545", url=own_database_url)
    assert isinstance(named.exception, FileRefusedError)
    twice = run("load", *both, *layers, "--crs", "EPSG:4545", "--crs", "EPSG:4490")
    assert (twice.exit_code, "communities|compounds" in twice.output) == (2, True)
    assert run("load", *both, "--datum", "compounds=pulkovo").exit_code == 2


def test_a_county_of_streets_loads_and_boundaries_elsewhere_do_not(
    folder: Path, own_database_url: str
) -> None:
    (folder / "divisions.csv").write_bytes(
        "代码,级别,名称\n150625,县,安吉县\n150625100,街道,递铺街道\n".encode("gb18030")
    )
    loaded = load(folder, own_database_url, "--dry-run")
    assert loaded.exit_code == 0, loaded.output
    communities(c001=(90, 90, 1, 1)).to_file(folder / "outline.geojson")
    outline = ("--outline", str(folder / "outline.geojson"))
    elsewhere = load(folder, own_database_url, *outline)
    assert isinstance(elsewhere.exception, BannerGridError)
    assert elsewhere.exception.code == "territory.elsewhere"


def test_a_doubtful_zone_is_no_clean_bill(folder: Path) -> None:
    TWO.to_crs(4544).set_crs(4545, allow_override=True).to_file(folder / "zone.gpkg")
    result = run("check", folder / "zone.gpkg")
    assert result.exit_code == 1
    assert "没有问题" not in result.output
    assert "带号可能有误" in result.output


def test_towns_without_names_are_said_with_what_to_load(
    folder: Path, own_database_url: str
) -> None:
    (folder / "divisions.csv").write_text("code,kind,name\n150625,banner,杭锦旗\n", "utf-8")
    assert load(folder, own_database_url).exit_code == 0
    shown = run("show", url=own_database_url)
    assert "1 个乡镇、街道没有名称（150625100）" in shown.output
    assert "--divisions" in shown.output


def test_retiring_codes_is_refused_shown_and_allowed(folder: Path, own_database_url: str) -> None:
    assert load(folder, own_database_url).exit_code == 0
    moved = compounds(a=(0.1, 0.1, 3.7, 0.5), b=(0.1, 3, 3.7, 0.5), far=(4.5, 1, 1, 1))
    moved.to_file(folder / "compounds.gpkg")
    refused = load(folder, own_database_url)
    assert isinstance(refused.exception, BannerGridError)
    assert "--retire" in refused.exception.message("zh")
    shown = load(folder, own_database_url, "--dry-run")
    assert (shown.exit_code, "150625100001: 4" in shown.output) == (0, True)
    allowed = load(folder, own_database_url, "--retire")
    assert (allowed.exit_code, "停用 4" in allowed.output) == (0, True)


def test_no_name_column_is_a_sentence_with_mend_too(folder: Path, own_database_url: str) -> None:
    TWO.drop(columns="name").to_file(folder / "communities.geojson")
    for more in ((), ("--mend",)):
        result = load(folder, own_database_url, *more)
        assert isinstance(result.exception, FrameError), result.output
