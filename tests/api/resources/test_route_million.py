"""A million rows in one request: the answers of every other way, in bounded memory.

The points are the 50,000 on and about edges; of Parquet, which takes the most memory, a file has
them twenty times over, and each part has to be answered as the first.
"""

import io
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import geopandas as gpd
import httpx
import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import shapely
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from tests.api.conftest import TOKEN, run_serve
from tests.builders import publish
from tests.conftest import new_database
from tests.territory_points import COUNT, EDGES, LIMIT_M, Million, edges

FORMS = {
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
MOST_BYTES = 512 << 20
PIECE_BYTES = 1 << 20
TIMES = {".csv": 1, ".ndjson": 1, ".parquet": COUNT // EDGES}


@dataclass(frozen=True)
class Site:
    """The world of those points behind a service of its own."""

    world: Million
    base: str
    pid: int


@pytest.fixture(scope="module")
def site(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    world = edges()
    with new_database(server_url) as url:
        engine = make_engine(url)
        with Session(engine) as session, session.begin():
            publish(
                session,
                world.grids,
                title="test",
                valid_from=pd.Timestamp("2024-01-01").date(),
                synthetic=True,
                attribution="合成边界",
                limit_m=LIMIT_M,
            )
        engine.dispose()
        log = tmp_path_factory.mktemp("million") / "log"
        address = url.replace("postgresql+psycopg", "postgresql")
        with run_serve(
            *("serve", "--port", "0"),
            log=log,
            BANNERGRID_DATABASE_URL=address,
            BANNERGRID_TOKEN=TOKEN,
            BANNERGRID_LOG_LEVEL="warning",
            BANNERGRID_NEAREST_LIMIT_M=str(LIMIT_M),
        ) as (process, line):
            assert "http://" in line, log.read_text(encoding="utf-8")
            base = line[line.index("http://") :].partition("/?")[0].strip()
            yield Site(world, base, process.pid)
        # Nothing that would be a warning, but that root's service found no way to be another's.
        lines = log.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if "runs as root" not in line] == ["Stopped."]


def written(world: Million, path: Path) -> Path:
    """Write the points to a file, each number exactly as it is."""
    number = np.arange(EDGES)
    rows = zip(number.tolist(), world.x.tolist(), world.y.tolist(), strict=True)
    match path.suffix:
        case ".csv":
            body = "".join(f"{at},{x!r},{y!r}\n" for at, x, y in rows)
            path.write_text("number,longitude,latitude\n" + body, "utf-8")
        case ".ndjson":
            lines = (
                orjson.dumps({"number": at, "longitude": x, "latitude": y}) for at, x, y in rows
            )
            path.write_bytes(b"\n".join(lines))
        case _:
            times = TIMES[path.suffix]
            points = np.tile(shapely.points(world.x, world.y), times)
            frame = {"number": np.tile(number, times)}
            gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4490").to_parquet(path)
    return path


def read(body: bytes, suffix: str) -> pd.DataFrame:
    """Read the first part of an answer; the others say the same."""
    match suffix:
        case ".csv":
            codes = dict.fromkeys(("grid_code", "match"), pa.string())
            types = pyarrow.csv.ConvertOptions(column_types=codes, strings_can_be_null=True)
            return pyarrow.csv.read_csv(io.BytesIO(body), convert_options=types).to_pandas()
        case ".ndjson":
            return pd.DataFrame(map(orjson.loads, body.splitlines()))
        case _:
            table = pq.read_table(io.BytesIO(body)).combine_chunks()
            assert len(table) == COUNT
            first = table.slice(0, EDGES)
            parts = (table.slice(at, EDGES) for at in range(EDGES, COUNT, EDGES))
            assert all(part.equals(first) for part in parts)
            return first.to_pandas()


def pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def tree(pid: int) -> list[int]:
    """The process and all that it started."""
    found = [pid]
    for each in found:
        children = Path(f"/proc/{each}/task/{each}/children")
        found += map(int, children.read_text("ascii").split())
    return found


def most_bytes(pid: int, field: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith(field))
    return int(line.split()[1]) << 10


class Asking:
    """Asks single questions, one after the other, until told to stop."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.elapsed_ms: list[float] = []
        self.statuses: set[int] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        world = self._site.world
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(
            base_url=self._site.base, headers=headers, trust_env=False, timeout=120
        ) as client:
            at = 0
            while not self._stop.is_set():
                at = (at + 1) % EDGES
                where = f"longitude={float(world.x[at])!r}&latitude={float(world.y[at])!r}"
                began = time.perf_counter()
                answer = client.get(f"/v1/route?{where}&datum=cgcs2000")
                self.elapsed_ms.append(1000 * (time.perf_counter() - began))
                self.statuses.add(answer.status_code)
                time.sleep(0.002)


@pytest.mark.parametrize("ending", list(FORMS))
def test_rows_are_answered_alike_and_in_bounded_memory(
    site: Site, tmp_path: Path, ending: str, artefacts: Path
) -> None:
    path = written(site.world, tmp_path / f"points.{ending}")
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": FORMS[ending]}
    before = sum(most_bytes(pid, "VmRSS") for pid in tree(site.pid)[:1])
    query = {"datum": "cgcs2000"}
    body = bytearray()
    began = time.perf_counter()
    with (
        Asking(site) as asking,
        httpx.stream(
            "POST",
            f"{site.base}/v1/route/batch",
            params=query,
            headers=headers,
            content=pieces(path),
            timeout=600,
            trust_env=False,
        ) as answer,
    ):
        assert answer.status_code == 200
        for piece in answer.iter_raw():
            body += piece
    elapsed_s = time.perf_counter() - began
    after = sum(most_bytes(pid, "VmHWM") for pid in tree(site.pid))
    found = read(bytes(body), path.suffix)
    assert found["number"].astype(int).tolist() == list(range(EDGES))
    got = found[["grid_code", "match"]].astype(object)
    got = got.where(got.notna() & (got != "outside"), None)
    wanted = site.world.wanted[["grid_code", "match"]].astype(object)
    wanted = wanted.where(wanted.notna(), None)
    pd.testing.assert_frame_equal(got, wanted, check_dtype=False)
    away = site.world.wanted["distance_m"].where(site.world.wanted["grid_code"].notna())
    np.testing.assert_allclose(found["distance_m"].astype(float), away, rtol=0, atol=6e-4)
    assert after - before < MOST_BYTES
    # While it ran single questions were answered.
    assert asking.statuses == {200}
    figures = {
        "form": ending,
        "rows_per_s": round(EDGES * TIMES[path.suffix] / elapsed_s),
        "p99_ms": round(float(np.percentile(asking.elapsed_ms, 99)), 1),
        "mib": (after - before) >> 20,
    }
    (artefacts / f"route-million-{ending}.json").write_bytes(orjson.dumps(figures))
