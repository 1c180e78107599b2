"""`bannergrid load`, as a person runs it, on a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from api import cli
from api.cli import group
from geo.db.engine import make_engine
from geo.errors import DatumError, InputError
from geo.intake.headings import ColumnsError
from tests.geo.intake import village, world

HEADINGS = ["家庭号", "人口", "重点户", "登记日期", "经度", "纬度"]
ROWS = [
    ["A1", 3, "是", "2024-01-01", 108.005, 40.005],
    ["A2", 2, "", "2024-01-01", 108.015, 40.005],
    ["A3", 2, "", "2024-01-01", 40.005, 108.015],
]


@pytest.fixture
def site(own_database_url: str) -> Iterator[Engine]:
    engine = make_engine(own_database_url)
    with Session(engine) as session, session.begin():
        world.build(session)
    yield engine
    engine.dispose()


def run(engine: Engine, data: Path, *arguments: object, language: str = "en") -> Result:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    variables = {"BANNERGRID_DATABASE_URL": url, "BANNERGRID_LANGUAGE": language}
    return CliRunner(env=variables).invoke(
        group, ["--data", str(data), "load", *map(str, arguments)]
    )


def count(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM household")) or 0)


def workbook(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "住户"
    for row in [["杭锦旗住户名册"], HEADINGS, *ROWS]:
        sheet.append(row)
    book.save(folder / "住户.xlsx")
    return folder / "住户.xlsx"


def test_a_workbook_with_a_mapping_goes_in_and_the_bad_row_comes_back(
    site: Engine, tmp_path: Path
) -> None:
    path, mapping, data = workbook(tmp_path), tmp_path / "m.toml", tmp_path / "data"
    mapping.write_text('external_id = "家庭号"\n', "utf-8")
    how = ["households", path, "--mapping", mapping, "--datum", "wgs84", "--sheet", "住户"]
    rejects = data / "rejects" / "住户.xlsx.rejects.csv"

    rehearsed = run(site, data, *how, "--dry-run")
    assert rehearsed.exit_code == 0, rehearsed.output
    assert "Dry run: nothing was written" in rehearsed.stdout
    assert count(site) == 0

    done = run(site, data, *how)
    assert done.exit_code == 0, done.output
    assert "3 rows read: 2 new, 0 changed, 0 unchanged, 1 rejected" in done.stdout
    assert "rejected  COORDINATE.swapped  1" in done.stdout
    assert "external_id ← 家庭号" in done.stdout
    assert "line 5: latitude and longitude are exchanged" in done.stderr
    assert count(site) == 2
    got = pd.read_csv(rejects, dtype="str")
    assert got["reject_line"].tolist() == ["5"]
    assert got[HEADINGS[0]].tolist() == ["A3"]

    again = run(site, data, *how, language="zh")
    assert "读取 3 行：新增 0，更新 0，未变 2，退回 1" in again.stdout


def test_a_clean_file_leaves_no_rejects_behind(site: Engine, tmp_path: Path) -> None:
    path = tmp_path / "单位.csv"
    path.write_bytes("单位编号,单位名称\n001,财政局\n".encode("gb18030"))
    stale = tmp_path / "data" / "rejects" / "单位.csv.rejects.csv"
    stale.parent.mkdir(parents=True)
    stale.write_text("old", "utf-8")
    done = run(site, tmp_path / "data", "organisations", path)
    assert done.exit_code == 0, done.output
    assert "encoding GB18030" in done.stdout
    assert not stale.exists()
    with site.connect() as connection:
        assert connection.scalar(text("SELECT external_id FROM organisation")) == "001"


@pytest.mark.parametrize(
    ("arguments", "family", "said"),
    [
        ([], ColumnsError, 'external_id = "家庭号"'),
        (["--mapping", "m.toml"], InputError, "--datum"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_sentence(
    site: Engine, tmp_path: Path, arguments: list[str], family: type[InputError], said: str
) -> None:
    path = workbook(tmp_path)
    (tmp_path / "m.toml").write_text('external_id = "家庭号"\n', "utf-8")
    named = [str(tmp_path / part) if part.endswith(".toml") else part for part in arguments]
    refused = run(site, tmp_path / "data", "households", path, *named)
    assert isinstance(refused.exception, family)
    assert not isinstance(refused.exception, DatumError)
    assert said in refused.exception.message("en")
    assert count(site) == 0


def test_rejects_never_overwrite_the_file_itself_nor_vanish(site: Engine, tmp_path: Path) -> None:
    path = workbook(tmp_path)
    before = path.read_bytes()
    same = run(site, tmp_path, "households", path, "--datum", "wgs84", "--rejects", path)
    assert same.exit_code == 2
    assert path.read_bytes() == before
    (tmp_path / "m.toml").write_text('external_id = "家庭号"\n', "utf-8")
    nowhere = path / "rejects.csv"
    how = ["--mapping", tmp_path / "m.toml", "--datum", "wgs84", "--rejects", nowhere]
    refused = run(site, tmp_path, "households", path, *how)
    assert "cannot be written" in str(refused.exception)
    assert count(site) == 0


def _village(site: Engine) -> None:
    with Session(site) as session, session.begin():
        village.build(session)


@pytest.mark.parametrize(("named", "held"), [("wgs84", "gcj02"), ("gcj02", "wgs84")])
def test_a_datum_that_looks_wrong_is_warned_of_and_the_load_goes_on(
    site: Engine, tmp_path: Path, named: str, held: str
) -> None:
    _village(site)
    path = tmp_path / "住户.csv"
    village.homes(200, datum=held).to_csv(path, index=False)
    for more in (["--dry-run"], []):
        done = run(site, tmp_path / "data", "households", path, "--datum", named, *more)
        assert done.exit_code == 0, done.output
        meant = {"wgs84": "cgcs2000"}.get(held, held)
        assert f"the datum is probably not {named} but {meant}" in done.stderr
        assert f"load the same file again with --datum {meant}" in done.stderr
        assert (count(site) > 0) is (not more)
    done = run(site, tmp_path / "data", "households", path, "--datum", named, language="zh")
    assert f"坐标基准很可能不是 {named}，而是 {meant}" in done.stderr
    assert f"用 --datum {meant} 重新导入同一文件" in done.stderr


def test_incidents_are_warned_of_too_and_a_file_that_states_a_wrong_crs(
    site: Engine, tmp_path: Path
) -> None:
    _village(site)
    homes = village.homes(200, datum="gcj02")
    calls = homes[["external_id", "longitude", "latitude"]].assign(
        category="噪声", reported_at="2026-10-03", state="办理"
    )
    path = tmp_path / "事件.csv"
    calls.to_csv(path, index=False)
    done = run(site, tmp_path / "data", "incidents", path, "--datum", "cgcs2000")
    assert done.exit_code == 0, done.output
    assert "probably not cgcs2000 but gcj02" in done.stderr
    # GeoJSON always says that it is in WGS-84.
    path = tmp_path / "homes.geojson"
    where = gpd.points_from_xy(homes.pop("longitude"), homes.pop("latitude"))
    gpd.GeoDataFrame(homes, geometry=where, crs="EPSG:4326").to_file(path)
    done = run(site, tmp_path / "data", "households", path)
    assert "probably not EPSG:4326 but gcj02" in done.stderr
    done = run(site, tmp_path / "data", "households", path, "--datum", "gcj02")
    assert done.exit_code == 0, done.output
    assert "probably" not in done.output


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_a_right_datum_is_not_warned_of_nor_is_a_small_file(
    site: Engine, tmp_path: Path, datum: str
) -> None:
    _village(site)
    path = tmp_path / "住户.csv"
    for number in (1, 8, 40, 500):
        for noise_m in (5, 30):
            village.homes(number, datum=datum, noise_m=noise_m).to_csv(path, index=False)
            how = ["households", path, "--datum", datum, "--dry-run"]
            done = run(site, tmp_path / "data", *how)
            assert done.exit_code == 0, done.output
            assert "probably" not in done.output, (number, noise_m)
    # Nor do a few in another datum say anything.
    village.homes(3, datum="bd09").to_csv(path, index=False)
    done = run(site, tmp_path / "data", "households", path, "--datum", "gcj02", "--dry-run")
    assert "probably" not in done.output


def test_all_sheets_of_a_workbook_are_read_and_the_others_are_named(
    site: Engine, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["请按模板填写"])
    book.active.title = "说明"
    rows = {"建安": ROWS[:1], "团结": ROWS[1:], "旧": [["A9", *ROWS[0][1:]]]}
    for name, lines in rows.items():
        sheet = book.create_sheet(name)
        for row in [["户号", *HEADINGS[1:]], *lines]:
            sheet.append(row)
    book["旧"].sheet_state = "hidden"
    path = tmp_path / "住户.xlsx"
    book.save(path)
    how = ["households", path, "--datum", "wgs84"]
    done = run(site, tmp_path / "data", *how)
    assert done.exit_code == 0, done.output
    assert "sheets read: 建安 (1 rows), 团结 (2 rows)" in done.stdout
    assert "说明 (without these headings), 旧 (hidden)" in done.stderr
    assert "3 rows read: 2 new" in done.stdout
    assert "line 团结!3: latitude and longitude are exchanged" in done.stderr
    got = pd.read_csv(tmp_path / "data" / "rejects" / "住户.xlsx.rejects.csv")
    assert got["reject_line"].tolist() == ["团结!3"]
    named = run(site, tmp_path / "data", *how, "--sheet", "4")
    assert "1 rows read: 1 new" in named.stdout


def test_addresses_that_are_all_blank_are_rows_without_a_place(
    site: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "h.csv"
    path.write_text(
        "户号,人口,重点人群,登记日期,地址\nA1,2,否,2024-01-01,\nA2,2,否,2024-01-01, \n", "utf-8"
    )
    done = run(site, tmp_path / "data", "households", path)
    assert done.exit_code == 0, done.output
    assert "rejected  COORDINATE.missing  2" in done.stdout


def test_an_error_of_ours_is_a_number_and_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BANNERGRID_DATA", str(tmp_path))
    monkeypatch.setenv("BANNERGRID_LANGUAGE", "zh")

    def broken(**_: object) -> None:
        raise LookupError("a defect")

    monkeypatch.setattr(cli, "group", broken)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == cli.DEFECT
    said = capsys.readouterr().err
    log = (tmp_path / "errors.log").read_text("utf-8")
    assert "内部错误" in said
    assert "Traceback" not in said
    assert "LookupError: a defect" in log
    assert log.split()[1] in said


@pytest.mark.parametrize("name", ["streets.geojson", "places.geojson"])
def test_landmarks_are_loaded_as_they_are_shipped(site: Engine, tmp_path: Path, name: str) -> None:
    shipped = Path(__file__).parents[3] / "data" / "boundaries"
    outline = gpd.read_file(shipped / "banner.geojson").geometry.iloc[0]
    with site.begin() as connection:
        around = text("UPDATE division SET geom = ST_Multi(ST_GeomFromText(:wkt, 4490))")
        connection.execute(around, {"wkt": outline.wkt})
    path = shipped / name
    wanted = gpd.read_file(path)

    done = run(site, tmp_path, "landmarks", path)
    assert done.exit_code == 0, done.output
    assert f"{len(wanted)} rows read: {len(wanted)} new" in done.stdout
    with site.connect() as connection:
        stored = gpd.read_postgis(text("SELECT name, geom FROM landmark"), connection)
    assert sorted(stored["name"]) == sorted(wanted["name"])

    again = run(site, tmp_path, "landmarks", path)
    assert f"0 new, 0 changed, {len(wanted)} unchanged" in again.stdout
