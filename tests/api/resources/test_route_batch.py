"""`POST /v1/route/batch`: one row out for each row in, whatever is in it."""

import csv
import gzip
import io
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import geopandas as gpd
import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.workers import batches
from geo.db.engine import make_engine
from geo.files.memory import NICENESS
from tests.api.conftest import TOKEN, run_serve, serving
from tests.conftest import new_database
from tests.geo.routing import filed
from tests.geo.routing.filed import ATTRIBUTION, EAST, HALF, WEST, at
from tests.waiting import until

PATH = "/v1/route/batch?datum=cgcs2000"
CSV, LINES, PARQUET = "text/csv", "application/x-ndjson", "application/vnd.apache.parquet"
AUTHORISED = {"Authorization": f"Bearer {TOKEN}", "Accept-Language": "en"}
ROWS = [("1", 0.5, "city.heating"), ("2", 1.5, "供热"), ("3", 2.5, "city"), ("4", 1.0, "")]
GRIDS = [WEST, HALF, EAST, WEST]


@pytest.fixture(scope="module")
def filled(server_url: str) -> Iterator[str]:
    with new_database(server_url, fill=filed.fill) as url:
        yield url


@pytest.fixture(scope="module")
def client(filled: str) -> Iterator[httpx.Client]:
    with serving(filled) as made:
        made.headers["Accept-Language"] = "en"
        made.timeout = 120
        yield made


@contextmanager
def service(url: str, log: Path, **settings: str) -> Iterator[tuple[str, int]]:
    """A service of its own, its files in "data" beside its log: its address and process."""
    data = log.with_name("data")
    data.mkdir(exist_ok=True)
    with run_serve(
        *("serve", "--port", "0"),
        log=log,
        BANNERGRID_DATABASE_URL=url.replace("postgresql+psycopg", "postgresql"),
        BANNERGRID_TOKEN=TOKEN,
        BANNERGRID_DATA=str(data),
        **settings,
    ) as (process, line):
        assert "http://" in line, log.read_text("utf-8")
        yield line[line.index("http://") :].partition("/?")[0].strip(), process.pid


def post(
    client: httpx.Client,
    body: str | bytes,
    form: str = CSV,
    query: str = "",
    **headers: str,
) -> httpx.Response:
    content = body.encode() if isinstance(body, str) else body
    return client.post(PATH + query, content=content, headers={"Content-Type": form, **headers})


def rows_csv() -> str:
    lines = (f"{n},{at(x)[0]},{at(x)[1]},{word}\n" for n, x, word in ROWS)
    return "编号,经度,纬度,类别\n" + "".join(lines)


def rows_lines() -> str:
    return "".join(
        json.dumps({"编号": n, "lng": at(x)[0], "lat": at(x)[1], "category": word}) + "\n"
        for n, x, word in ROWS
    )


def rows_parquet() -> bytes:
    held = io.BytesIO()
    gpd.GeoDataFrame(
        {"编号": [n for n, _, _ in ROWS], "category": [word for _, _, word in ROWS]},
        geometry=[shapely.Point(at(x)) for _, x, _ in ROWS],
        crs="EPSG:4490",
    ).to_parquet(held)
    return held.getvalue()


def read(answer: httpx.Response) -> list[dict[str, object]]:
    assert answer.status_code == 200, answer.text
    match answer.headers["content-type"].partition(";")[0]:
        case "text/csv":
            return list(csv.DictReader(io.StringIO(answer.text, newline="")))
        case "application/x-ndjson":
            return [json.loads(line) for line in answer.text.splitlines()]
        case _:
            return pq.read_table(io.BytesIO(answer.content)).to_pylist()


BODIES = {CSV: rows_csv(), LINES: rows_lines(), PARQUET: rows_parquet()}


@pytest.mark.parametrize("came", BODIES)
@pytest.mark.parametrize("wanted", [None, *BODIES])
def test_each_form_in_and_out(client: httpx.Client, came: str, wanted: str | None) -> None:
    accept = {} if wanted is None else {"Accept": f"{wanted.upper()};q=0.9, */*;q=0.1"}
    answer = post(client, BODIES[came], f"{came}; charset=utf-8", **accept)
    assert answer.headers["content-type"].partition(";")[0] == (wanted or came)
    assert answer.headers["cache-control"] == "no-store"
    rows = read(answer)
    assert [row["编号"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["grid_code"] for row in rows] == GRIDS
    assert [row["department"] or None for row in rows] == ["D2", "D2", "D1", None]
    assert {row["attribution"] for row in rows} == {ATTRIBUTION}
    assert {str(row["synthetic"]).lower() for row in rows} == {"true"}
    assert [row["problem"] or None for row in rows] == [None] * 4


def test_geoparquet_stays_geoparquet(client: httpx.Client) -> None:
    answer = post(client, BODIES[PARQUET], PARQUET)
    frame = gpd.read_parquet(io.BytesIO(answer.content))
    assert frame.crs == "EPSG:4490"
    assert frame.geometry.x.tolist() == [at(x)[0] for _, x, _ in ROWS]


def test_the_answers_are_those_of_single_questions(client: httpx.Client) -> None:
    for row, (_, x, word) in zip(read(post(client, rows_csv())), ROWS, strict=True):
        longitude, latitude = at(x)
        query = {"longitude": longitude, "latitude": latitude, "datum": "cgcs2000"}
        category = {"供热": "city.heating"}.get(word, word)
        query |= {"category": category} if category else {}
        alone = client.get("/v1/route", params=query).json()
        assert row["grid_code"] == alone["grid"]["code"]
        assert row["match"] == alone["match"]
        assert float(row["distance_m"]) == alone["distance_m"]  # type: ignore[arg-type]
        assert (row["rule"] or None) == alone["rule"]
        assert (row["department"] or None) == (alone["department"] or {}).get("code")
        assert int(row["edition"]) == alone["edition"]  # type: ignore[call-overload]
        assert int(row["rule_set"]) == alone["rule_set"]  # type: ignore[call-overload]


def test_a_broken_line_in_the_middle_is_a_line(client: httpx.Client) -> None:
    x, y = at(0.5)
    body = f'n,lon,lat\n1,{x},{y}\n2,"{x},{y}\n3,{y},{x}\n4,{x}\n5,{x},{y},6\n7,{x},{y}\n'
    rows = read(post(client, body))
    assert [row["grid_code"] for row in rows] == [WEST, "", "", "", "", WEST]
    said = [row["problem"] for row in rows]
    wanted = ("", "never closed", "exchanged", "no coordinate", "more cells", "")
    assert all(words in str(each) for words, each in zip(wanted, said, strict=True))
    lines = f'{{"lon":{x},"lat":{y}}}\n{{"lon":\n[]\n\n{{"lon":{x},"lat":{y},"n":1}}'
    found = read(post(client, lines, LINES))
    assert [row["grid_code"] for row in found] == [WEST, None, None, WEST]
    assert found[1]["surplus"] == '{"lon":'
    assert "JSON object" in str(found[2]["problem"])
    assert found[3]["n"] == 1


def test_problems_are_in_the_callers_language(client: httpx.Client) -> None:
    [row] = read(post(client, "lon,lat\n,\n", query="&language=zh"))
    assert row["problem"] == "没有坐标，请补全经度和纬度"


def test_parameters_are_of_all_rows(client: httpx.Client) -> None:
    x, y = at(1.5)
    body = f"lon,lat,category,at\n{x},{y},,\n{x},{y},city,2025-05-05\n"
    rows = read(post(client, body, query="&category=city.heating"))
    assert [row["department"] for row in rows] == ["D2", "D1"]
    assert [row["grid_code"] for row in rows] == [HALF, WEST]
    assert [row["rule_set"] for row in rows] == ["2", "1"]
    rows = read(post(client, body, query="&at=2025-05-05"))
    assert [row["grid_code"] for row in rows] == [WEST, WEST]
    rows = read(post(client, body, query="&edition=1"))
    assert [row["grid_code"] for row in rows] == [WEST, WEST]
    assert [row["edition"] for row in rows] == ["1", "1"]


@pytest.mark.parametrize(
    ("body", "form", "query", "status", "said"),
    [
        ("", CSV, "", 422, "0 bytes"),
        ("a,b\n1,2\n", CSV, "", 422, "longitude, latitude"),
        ("住址\n某处\n", CSV, "", 422, "longitude, latitude"),
        (b"\xff\xff\n", CSV, "", 422, "encoding"),
        (b"\x00\x01", CSV, "", 422, "not a text file"),
        ("no json", LINES, "", 422, "JSON object"),
        ("PAR1", PARQUET, "", 422, "Parquet"),
        ("lon,lat\n1,2\n", "text/plain", "", 415, "text/csv"),
        ("lon,lat\n1,2\n", "", "", 415, "application/x-ndjson"),
        ("lon,lat\n1,2\n", CSV, "&category=city.heat", 422, "city.heating"),
        ("lon,lat\n1,2\n", CSV, "&category=City", 422, "category"),
        ("lon,lat\n1,2\n", CSV, "&at=2020-01-01", 404, "starts on 2024-01-01"),
        ("lon,lat\n1,2\n", CSV, "&at=2020", 422, "at"),
        ("lon,lat\n1,2\n", CSV, "&edition=9", 404, "edition 9"),
        ("lon,lat,at\n1,2,2026-01-01\n", CSV, "&edition=9", 404, "edition 9"),
        ("lon,lat\n1,2\n", CSV, "&rows=1", 422, "rows"),
    ],
)
def test_what_cannot_be_used_is_a_problem_before_the_first_byte(
    client: httpx.Client, body: str | bytes, form: str, query: str, status: int, said: str
) -> None:
    answer = post(client, body, form, query)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.text
    # The process that refused it goes on.
    assert read(post(client, rows_csv()))


def test_the_datum_has_to_be_named(client: httpx.Client) -> None:
    answer = client.post(
        "/v1/route/batch", content=rows_csv().encode(), headers={"Content-Type": CSV}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "datum"


def test_nobody_else_may_ask(client: httpx.Client) -> None:
    with httpx.Client(base_url=client.base_url, trust_env=False, timeout=120) as stranger:
        assert post(stranger, rows_csv()).status_code == 401


def test_it_is_not_compressed_on_the_way(client: httpx.Client) -> None:
    answer = post(client, rows_csv() * 1, **{"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert read(answer)
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(answer.content)


def test_a_change_is_answered_from_at_once(filled: str, client: httpx.Client) -> None:
    name = read(post(client, rows_csv()))[0]["department_name"]
    engine = make_engine(filled)
    rename = text("UPDATE organisation SET name = :name WHERE external_id = 'D2'")
    try:
        for wanted in ("住建局", name):
            with Session(engine) as session, session.begin():
                session.execute(rename, {"name": wanted})
            deadline = time.monotonic() + 30
            while read(post(client, rows_csv()))[0]["department_name"] != wanted:
                assert time.monotonic() < deadline
    finally:
        engine.dispose()


def endless(rows: int, started: threading.Event | None = None) -> Iterator[bytes]:
    """A large file: enough to be answered in many pieces."""
    x, y = at(0.5)
    yield b"n,lon,lat\n"
    for start in range(0, rows, 1000):
        if started is not None:
            started.set()
        yield b"".join(b"%d,%.4f,%.4f\n" % (n, x, y) for n in range(start, start + 1000))


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for each in found for child in each.read_text("ascii").split()]


def kept(log: Path, what: str) -> list[Path]:
    """Files that a service keeps for batches."""
    return list(log.with_name("data").glob(f"{batches.PREFIX}*/{what}"))


def test_whoever_goes_away_ends_the_work(filled: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with service(filled, log, BANNERGRID_ROUTE_BATCHES="1") as (base, pid):
        with httpx.stream(
            "POST",
            base + PATH,
            content=endless(200_000),
            headers={**AUTHORISED, "Content-Type": CSV},
            timeout=120,
            trust_env=False,
        ) as answer:
            assert answer.status_code == 200
            first = next(answer.iter_raw())
            assert first.startswith(b"n,lon,lat,grid_code")
            [worker] = children(pid)
            nice = Path(f"/proc/{worker}/stat").read_text("ascii").rpartition(")")[2].split()[16]
            assert int(nice) == min(19, os.nice(0) + NICENESS)
        until(lambda: not children(pid))
        # Its place is free again, and a new process works.
        with httpx.Client(
            base_url=base, headers=AUTHORISED, timeout=120, trust_env=False
        ) as client:
            until(lambda: post(client, rows_csv()).status_code == 200)
            until(lambda: not kept(log, "*/body.csv"))
    assert "request failed" not in log.read_text("utf-8")


def test_a_process_that_is_killed_breaks_the_answer_off(filled: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with service(filled, log, BANNERGRID_ROUTE_BATCHES="1") as (base, pid):
        headers = {**AUTHORISED, "Content-Type": CSV}
        with httpx.stream(
            "POST",
            base + PATH,
            content=endless(200_000),
            headers=headers,
            timeout=120,
            trust_env=False,
        ) as answer:
            pieces = answer.iter_raw()
            next(pieces)
            [worker] = children(pid)
            os.kill(worker, signal.SIGKILL)
            with pytest.raises(httpx.RemoteProtocolError):
                list(pieces)
        with httpx.Client(
            base_url=base, headers=AUTHORISED, timeout=120, trust_env=False
        ) as client:
            assert len(read(post(client, rows_csv()))) == 4
    until(lambda: "the process that routes files was ended" in log.read_text("utf-8"))


def test_a_file_too_many_waits_its_turn(filled: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with service(filled, log, BANNERGRID_ROUTE_BATCHES="1") as (base, _):
        go = threading.Event()

        def slow() -> Iterator[bytes]:
            yield rows_csv().encode()
            assert go.wait(60)

        headers = {**AUTHORISED, "Content-Type": CSV}
        with httpx.Client(base_url=base, headers=headers, timeout=120, trust_env=False) as client:
            answers: list[httpx.Response] = []
            first = threading.Thread(
                target=lambda: answers.append(client.post(PATH, content=slow()))
            )
            first.start()
            until(lambda: kept(log, "*/body.csv"))
            refused = post(client, rows_csv())
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) > 0
            assert refused.json()["code"] == "route.batch_busy"
            longitude, latitude = at(0.5)
            query = {"longitude": longitude, "latitude": latitude, "datum": "wgs84"}
            assert client.get("/v1/route", params=query).status_code == 200
            go.set()
            first.join()
            [answer] = answers
            assert len(read(answer)) == 4
            assert post(client, rows_csv()).status_code == 200


def test_a_file_has_a_largest_size_of_its_own(filled: str, tmp_path: Path) -> None:
    limits = {"BANNERGRID_ROUTE_BATCH_MB": "2", "BANNERGRID_MAX_BODY_MB": "1"}
    with (
        service(filled, tmp_path / "log", **limits) as (base, pid),
        httpx.Client(base_url=base, headers=AUTHORISED, timeout=120, trust_env=False) as client,
    ):
        more_than_one = rows_csv() + "," * 3 + "\n" + " " * (1 << 20)
        assert post(client, more_than_one).status_code == 200
        announced = post(client, " " * ((2 << 20) + 1))
        assert announced.status_code == 413
        assert "ROUTE_BATCH_MB" in announced.text
        # One that does not say its size is stopped on the way.
        host = urlsplit(base)
        with socket.create_connection((str(host.hostname), host.port or 80)) as link:
            head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
            link.sendall(
                f"{head}Content-Type: {CSV}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
            )
            piece = b"%x\r\n%b\r\n" % (1 << 19, b" " * (1 << 19))
            for _ in range(5):
                link.sendall(piece)
            assert b" 413 " in link.recv(100)
        until(lambda: len(children(pid)) <= 1)
        assert post(client, "{}", "application/json").status_code == 415


def test_the_service_takes_its_processes_with_it(filled: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with service(filled, log) as (base, pid):
        with httpx.Client(
            base_url=base, headers=AUTHORISED, timeout=120, trust_env=False
        ) as client:
            assert post(client, rows_csv()).status_code == 200
        [worker] = children(pid)
        assert len(kept(log, "*.routers")) == 1
    until(lambda: not Path(f"/proc/{worker}").exists())
    assert kept(log, "") == []


def test_who_leaves_while_sending_is_no_failure(filled: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with service(filled, log, BANNERGRID_ROUTE_BATCHES="1") as (base, _):
        host = urlsplit(base)
        with socket.create_connection((str(host.hostname), host.port or 80)) as link:
            head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
            link.sendall(f"{head}Content-Type: {CSV}\r\nContent-Length: 99\r\n\r\nn".encode())
        with httpx.Client(
            base_url=base, headers=AUTHORISED, timeout=120, trust_env=False
        ) as client:
            until(lambda: post(client, rows_csv()).status_code == 200)
    assert "request failed" not in log.read_text("utf-8")


def test_who_stops_sending_or_taking_gives_the_place_back(filled: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    settings = {"BANNERGRID_ROUTE_BATCHES": "1", "BANNERGRID_ROUTE_BATCH_STALL_S": "1"}
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
    with (
        service(filled, log, **settings) as (base, pid),
        httpx.Client(base_url=base, headers=AUTHORISED, timeout=120, trust_env=False) as client,
    ):
        host = urlsplit(base)
        where = (str(host.hostname), host.port or 80)
        with socket.create_connection(where) as link:
            link.sendall(f"{head}Content-Type: {CSV}\r\nContent-Length: 99\r\n\r\nn".encode())
            assert b" 422 " in link.recv(100)
            assert post(client, rows_csv()).status_code == 200
        with socket.create_connection(where) as link:
            size = sum(map(len, endless(300_000)))
            link.sendall(f"{head}Content-Type: {CSV}\r\nContent-Length: {size}\r\n\r\n".encode())
            for piece in endless(300_000):
                link.sendall(piece)
            # What is not taken fills the pipes between, and then nothing moves.
            until(lambda: "has stopped taking the answer" in log.read_text("utf-8"), 120)
        until(lambda: post(client, rows_csv()).status_code == 200)
        assert len(children(pid)) == 1


def test_types_of_answers_from_parquet(client: httpx.Client) -> None:
    table = pq.read_table(io.BytesIO(post(client, BODIES[PARQUET], PARQUET).content))
    types = {name: table.schema.field(name).type for name in ("distance_m", "edition", "synthetic")}
    assert types == {"distance_m": pa.float64(), "edition": pa.int32(), "synthetic": pa.bool_()}


def large(count: int = 9_000, **columns: object) -> bytes:
    """A Parquet file of one place in some thousand rows, small by its dictionary."""
    held = io.BytesIO()
    longitude, latitude = at(0.5)
    table = {"longitude": [longitude] * count, "latitude": [latitude] * count, **columns}
    pq.write_table(pa.table(table), held, compression="zstd")
    return held.getvalue()


def test_a_file_is_as_large_as_it_is_unpacked(filled: str, tmp_path: Path) -> None:
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 9_000, pa.int32()), ["x" * 300_000])
    zeros, held = pa.array([bytes(300_000_000), b""]), io.BytesIO()
    longitude, latitude = at(0.5)
    table = {"longitude": [longitude] * 2, "latitude": [latitude] * 2, "a": zeros}
    pq.write_table(pa.table(table), held, compression="zstd", use_dictionary=False)
    nested = {b"geo": b"[" * 100_000}
    places = pa.table({"longitude": [longitude], "latitude": [latitude]})
    odd = io.BytesIO()
    pq.write_table(places.replace_schema_metadata(nested), odd)
    limits = {"BANNERGRID_FILE_MEMORY_MB": "512", "BANNERGRID_MAX_ROWS": "8000"}
    log = tmp_path / "log"
    with (
        service(filled, log, BANNERGRID_ROUTE_BATCHES="1", **limits) as (base, _),
        httpx.Client(base_url=base, headers=AUTHORISED, timeout=120, trust_env=False) as client,
    ):
        bodies = {
            "9,000 rows": large(),
            "2,002 columns": large(1, **{f"c{n}": [n] for n in range(2_000)}),
            "more than the 512 MiB of memory|takes more memory": held.getvalue(),
            "of its geometries cannot be read": odd.getvalue(),
        }
        for said, body in bodies.items():
            refused = post(client, body, PARQUET)
            assert refused.status_code == 422, refused.text
            assert any(each in refused.json()["detail"] for each in said.split("|"))
            # The next file is routed as if nothing had been.
            assert len(read(post(client, rows_csv()))) == 4
    with (
        service(filled, log, BANNERGRID_ROUTE_BATCHES="1") as (base, _),
        httpx.Client(base_url=base, headers=AUTHORISED, timeout=120, trust_env=False) as client,
    ):
        refused = post(client, large(备注=text), PARQUET)
        assert refused.status_code == 422
        assert "MiB unpacked, more than the 1024 allowed" in refused.json()["detail"]
    assert "Traceback" not in log.read_text("utf-8")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html><table><tr><td>1</td></tr></table></html>", "workbook or a page"),
        (b"%PDF-1.7", "really a PDF"),
        (b"PK\x03\x04", "damaged or cut off"),
        (b"\x1f\x8b\x08", "packed with gzip"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(
    client: httpx.Client, body: bytes, said: str
) -> None:
    refused = post(client, body)
    assert refused.status_code == 422
    assert said in refused.json()["detail"]


def test_a_text_sequence_is_json_lines(client: httpx.Client) -> None:
    body = "\ufeff" + "".join(f"\x1e{line}\r\n\r\n" for line in rows_lines().splitlines())
    assert [row["grid_code"] for row in read(post(client, body, LINES))] == GRIDS
