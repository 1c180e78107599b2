"""`bannergrid route`, as a person runs it: every row, in its order, whatever is in it."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from geo.files.parallel import WorkerLostError
from geo.routing import files
from tests.conftest import new_database
from tests.geo.geocoding.delivery import town
from tests.geo.geocoding.delivery.test_files import group_lives
from tests.geo.routing import filed
from tests.geo.routing.filed import ATTRIBUTION, EAST, HALF, WEST, at, run, write

HEAD = "编号,经度,纬度,类别"
OURS = (
    *("grid_code", "community_code", "town_code", "match", "distance_m", "rule", "department"),
    *("department_name", "limit_h", "edition", "rule_set", "problem", "synthetic", "attribution"),
)
ROWS = {
    "1": (0.5, "city.heating"),
    "2": (1.5, "供热"),
    "3": (2.5, "city"),
    "4": (3.2, "city"),
    "5": (1.0, ""),
}
GRIDS = [WEST, HALF, EAST, EAST, WEST]
DEPARTMENTS = ["D2", "D2", "D1", "D1", None]


@pytest.fixture(scope="module")
def site(server_url: str) -> Iterator[str]:
    with new_database(server_url, fill=filed.fill) as url:
        yield url.replace("postgresql+psycopg", "postgresql")


def row(number: str, x: float, *rest: str) -> str:
    return ",".join([number, *map(str, at(x)), *rest])


def lines() -> list[str]:
    return [HEAD, *(row(number, x, word) for number, (x, word) in ROWS.items())]


def read_csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")


def read_lines(path: Path) -> pd.DataFrame:
    return pd.DataFrame(map(json.loads, path.read_text("utf-8").splitlines()), dtype=object)


def read_sheet(path: Path) -> pd.DataFrame:
    head, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=head, dtype=object)


READ: dict[str, Callable[[Path], pd.DataFrame]] = {
    "csv": read_csv,
    "tsv": lambda path: pd.read_csv(path, sep="\t", dtype="str", encoding="utf-8-sig"),
    "xlsx": read_sheet,
    "ndjson": read_lines,
    "parquet": pd.read_parquet,
    "geoparquet": gpd.read_parquet,
}


def given(folder: Path, ending: str) -> Path:
    """The rows in a file of a form."""
    path = folder / f"a.{ending}"
    frame = pd.DataFrame(
        [(number, *at(x), word) for number, (x, word) in ROWS.items()], columns=HEAD.split(",")
    )
    match ending:
        case "csv":
            return write(path, *lines())
        case "tsv":
            frame.to_csv(path, sep="\t", index=False)
        case "xlsx":
            book = openpyxl.Workbook()
            for values in (HEAD.split(","), *frame.itertuples(index=False)):
                book.active.append(list(values))
            book.save(path)
        case "ndjson":
            write(
                path, *(json.dumps(each, ensure_ascii=False) for each in frame.to_dict("records"))
            )
        case "parquet":
            frame.to_parquet(path)
        case _:
            points = gpd.points_from_xy(frame.pop("经度"), frame.pop("纬度"))
            gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4490").to_parquet(path)
    return path


@pytest.mark.parametrize("ending", list(READ))
def test_every_form_in_and_out(site: str, tmp_path: Path, ending: str) -> None:
    path = given(tmp_path, ending)
    for out_ending, read in READ.items():
        out = tmp_path / f"out.{out_ending}"
        done = run(site, path, "--out", out, "--datum", "cgcs2000")
        assert done.exit_code == 0, done.output
        assert "5 rows; 0 have a problem" in done.stdout
        got = read(out)
        assert got["编号"].tolist() == list(ROWS)
        assert got["类别"].fillna("").tolist() == [word for _, word in ROWS.values()]
        assert got["grid_code"].tolist() == GRIDS
        assert got["match"].tolist() == ["inside"] * 3 + ["nearest", "inside"]
        departments = got["department"].astype(object)
        departments = departments.where(departments.notna() & (departments != ""), None)
        assert departments.tolist() == DEPARTMENTS
        assert got["department_name"].tolist()[:1] == ["住房和城乡建设局"]
        assert set(got["attribution"]) == {ATTRIBUTION}
        assert {str(each).lower() for each in got["synthetic"]} == {"true"}
        if "parquet" in out_ending and (ending == "geoparquet" or out_ending == "geoparquet"):
            assert gpd.read_parquet(out).crs == "EPSG:4490"
            assert gpd.read_parquet(out).geometry.x.tolist() == [at(x)[0] for x, _ in ROWS.values()]
    assert read_csv(tmp_path / "out.csv").columns[-14:].tolist() == list(OURS)


def test_bad_rows_are_rows_too(site: str, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        HEAD,
        row("1", 0.5, "city"),
        "2,39.84,108.73,city",
        '3,"108.73,39.84,city',
        "",
        row("5", 0.5, "city", "extra"),
        row("6", 0.5, "nothing"),
        row("7", 2.5, "city"),
    )
    for language, said in (("en", "4 of"), ("zh", "列")):
        out = tmp_path / f"{language}.csv"
        done = run(site, path, "--out", out, "--datum", "wgs84", language=language)
        assert done.exit_code == 0, done.output
        assert said in done.output or "7 rows; 5 have a problem" in done.stdout
    got = read_csv(tmp_path / "en.csv")
    assert got["编号"].tolist() == ["1", "2", "", "", "5", "6", "7"]
    assert got["surplus"].tolist() == ["", "", '3,"108.73,39.84,city', "", "extra", "", ""]
    assert got["grid_code"].tolist() == [WEST, "", "", "", "", WEST, EAST]
    said_en = ("", "exchanged", "never closed", "no coordinate", "more cells", "no known category")
    for problem, words in zip(got["problem"], said_en, strict=False):
        assert words in problem
        assert bool(words) is bool(problem)
    in_chinese = read_csv(tmp_path / "zh.csv")["problem"].tolist()
    assert ["写反" in in_chinese[1], "没有坐标" in in_chinese[3]] == [True, True]


def test_a_row_is_routed_as_of_its_day(site: str, tmp_path: Path) -> None:
    days = ["2025-05-05", "2026-03-03", "2026-07-01", "", "2020-01-01"]
    path = write(
        tmp_path / "a.csv",
        f"{HEAD},上报时间",
        *(row(str(n), 1.5, "city.heating", day) for n, day in enumerate(days)),
    )
    out = tmp_path / "out.csv"
    done = run(site, path, "--out", out, "--datum", "wgs84", "--at-column", "上报时间")
    assert done.exit_code == 0, done.output
    got = read_csv(out)
    assert got["grid_code"].tolist() == [WEST, HALF, HALF, HALF, ""]
    assert got["rule_set"].tolist() == ["1", "1", "2", "2", ""]
    assert got["department"].tolist() == ["D1", "D1", "D2", "D2", ""]
    assert got["edition"].tolist() == ["2"] * 5
    assert "no territory on 2020-01-01" in got["problem"][4]
    # Without naming it, the day of a report is not the day that is asked about.
    assert run(site, path, "--out", out, "--datum", "wgs84", "--force").exit_code == 0
    assert read_csv(out)["grid_code"].tolist() == [HALF] * 5
    how = ["--out", out, "--datum", "wgs84", "--force", "--at", "2025-05-05"]
    assert run(site, path, *how).exit_code == 0
    assert read_csv(out)["grid_code"].tolist() == [WEST] * 5
    assert run(site, path, *how, "--at-column", "上报时间").exit_code == 2
    early = run(site, path, *how[:-1], "2020-01-01")
    assert "it starts on 2024-01-01" in early.exception.message("en")  # type: ignore[union-attr]


def test_columns_may_be_named(site: str, tmp_path: Path) -> None:
    x, y = at(1.5)
    path = write(tmp_path / "a.csv", "a,b,c,d", f"{y},{x},供热,20")
    named = ["--longitude", "b", "--latitude", "a", "--category", "c", "--accuracy", "d"]
    out = tmp_path / "out.parquet"
    done = run(site, path, "--out", out, "--datum", "wgs84", *named)
    assert done.exit_code == 0, done.output
    assert "longitude ← b" in done.stderr
    [got] = pq.read_table(out).to_pylist()
    assert (got["grid_code"], got["department"]) == (HALF, "D2")
    assert got["candidates"][0]["grid_code"] == HALF


def test_the_datum_has_to_be_named(site: str, tmp_path: Path) -> None:
    path, out = write(tmp_path / "a.csv", *lines()), tmp_path / "out.csv"
    refused = run(site, path, "--out", out)
    assert "--datum" in refused.exception.message("zh")  # type: ignore[union-attr]
    assert not out.exists()


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("a.csv", b"a,b\n1,2\n", "--longitude"),
        ("a.csv", b"", "0 bytes"),
        ("a.csv", b"\xff\xff\n", "encoding"),
        ("a.ndjson", b"[1]\n[2]\n", "JSON object"),
        ("a.parquet", b"PAR1", "Parquet"),
        ("a.shp", b"x", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(
    site: str, tmp_path: Path, name: str, body: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(body)
    refused = run(site, tmp_path / name, "--out", tmp_path / "out.csv", "--datum", "wgs84")
    assert said in refused.exception.message("en")  # type: ignore[union-attr]
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_folder_is_routed_as_one_file(site: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number, (x, word) in ROWS.items():
        write(folder / f"{number}.csv", HEAD, row(number, x, word))
    write(folder / "0.csv", HEAD)
    out = tmp_path / "out.csv"
    done = run(site, folder, "--out", out, "--datum", "wgs84")
    assert done.exit_code == 0, done.output
    one = run(
        site, write(tmp_path / "a.csv", *lines()), "--out", tmp_path / "b.csv", "--datum", "wgs84"
    )
    assert one.exit_code == 0
    assert out.read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_file_of_headings_gives_headings(site: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEAD)
    for ending in ("csv", "parquet", "xlsx"):
        out = tmp_path / f"out.{ending}"
        done = run(site, path, "--out", out, "--datum", "wgs84")
        assert done.exit_code == 0, done.output
        assert READ[ending](out).columns.tolist() == [*HEAD.split(","), *OURS]


def test_what_comes_out_can_go_in_again(site: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", *lines())
    once, twice = tmp_path / "once.csv", tmp_path / "twice.csv"
    assert run(site, path, "--out", once, "--datum", "wgs84").exit_code == 0
    assert run(site, once, "--out", twice, "--datum", "wgs84").exit_code == 0
    got = read_csv(twice)
    assert got["input_grid_code"].tolist() == got["grid_code"].tolist() == GRIDS


def many(tmp_path: Path, rows: int) -> Path:
    return write(
        tmp_path / "many.csv",
        HEAD,
        *(row(str(n), n % 37 / 10, ("city", "供热", "")[n % 3]) for n in range(rows)),
    )


def test_two_processes_write_what_one_writes(site: str, tmp_path: Path) -> None:
    path = many(tmp_path, 2 * files.CHUNK_ROWS + 7)
    for processes in (1, 2):
        out = tmp_path / f"{processes}.csv"
        done = run(site, path, "--out", out, "--datum", "wgs84", "--processes", processes)
        assert done.exit_code == 0, done.output
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()
    assert len(read_csv(tmp_path / "2.csv")) == 2 * files.CHUNK_ROWS + 7


def test_a_process_that_is_killed_leaves_no_file(site: str, tmp_path: Path) -> None:
    path = many(tmp_path, 2 * files.CHUNK_ROWS)

    def kill_one() -> None:
        while not (there := multiprocessing.active_children()):
            time.sleep(0.01)
        there[0].kill()

    killer = threading.Thread(target=kill_one)
    killer.start()
    how = ["--out", tmp_path / "out.csv", "--datum", "wgs84", "--processes", 2]
    failed = run(site, path, *how)
    killer.join()
    assert isinstance(failed.exception, WorkerLostError)
    assert [each.name for each in tmp_path.iterdir()] == ["many.csv"]


def test_an_interruption_leaves_neither_file_nor_process(site: str, tmp_path: Path) -> None:
    path = many(tmp_path, 4 * files.CHUNK_ROWS)
    command = [Path(sys.executable).with_name("bannergrid"), "route", path, "--datum", "wgs84"]
    command += ["--out", tmp_path / "out.csv", "--processes", "2"]
    with subprocess.Popen(
        command,
        env=os.environ | {"BANNERGRID_DATABASE_URL": site},
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as started:
        while not list(tmp_path.glob(".out.csv.*")):
            time.sleep(0.02)
        os.killpg(started.pid, signal.SIGINT)
        _, said = started.communicate(timeout=120)
    assert started.returncode not in (0, None)
    assert b"Traceback" not in said
    assert [each.name for each in tmp_path.iterdir()] == ["many.csv"]
    for _ in range(2400):
        if not group_lives(started.pid):
            break
        time.sleep(0.05)
    assert not group_lives(started.pid)


def test_rows_without_a_point_are_routed_by_their_address(server_url: str, tmp_path: Path) -> None:
    with new_database(server_url) as url:
        code = town_of(url)
        site = url.replace("postgresql+psycopg", "postgresql")
        texts = [town.HOME, town.UNHEARD, "", town.HOME]
        points = ["", "", "", "108"]
        path = write(
            tmp_path / "a.csv",
            "经度,纬度,住址",
            *(f"{x},{x and 40},{said}" for x, said in zip(points, texts, strict=True)),
        )
        out = tmp_path / "out.csv"
        how = ["--out", out, "--datum", "wgs84", "--address", "住址"]
        done = run(site, path, *how)
        assert done.exit_code == 0, done.output
        got = read_csv(out)
        assert got["grid_code"].tolist()[:3] == [code, "", ""]
        assert got["match"].tolist()[:3] == ["inside", "", ""]
        assert "only" in got["problem"][1]
        assert "no coordinate" in got["problem"][2]
        # A point comes before an address.
        assert got["match"][3] == "outside"
        assert got["problem"][3] == ""
        # A file of addresses alone.
        alone = write(tmp_path / "b.csv", "地址", town.HOME)
        done = run(site, alone, "--out", out, "--datum", "wgs84", "--force")
        assert done.exit_code == 0, done.output
        assert read_csv(out)["grid_code"].tolist() == [code]


def test_addresses_are_of_today(site: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "地址,at", f"{town.HOME},2025-05-05", f"{town.HOME},")
    out = tmp_path / "out.csv"
    done = run(site, path, "--out", out, "--datum", "wgs84")
    assert done.exit_code == 0, done.output
    past, today = read_csv(out)["problem"]
    assert "not those of 2025-05-05" in past
    assert "certain" in today


def town_of(url: str) -> str:
    """Put the geocoder's town into a database; give the grid of `town.HOME`."""
    engine = make_engine(url)
    with Session(engine) as session, session.begin():
        town.build(session)
        home = text("SELECT grid_code FROM household WHERE external_id = :it")
        code = session.scalars(home, {"it": town.HOME_ID}).one()
    engine.dispose()
    return str(code)
