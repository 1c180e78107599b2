"""Two hundred clients at once on each resource: nobody is refused, and how long the last one waits.

The peer is the same service asked by one client, one question after the other, in the same run:
`times` is what two hundred at once take beside two hundred in turn, and `p99_s` is told of.
"""

import asyncio
import time
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.api.conftest import TOKEN, run_serve
from tests.benchmarks.conftest import World
from tests.benchmarks.test_bench_index import say
from tests.coroutines import run

CLIENTS = 200
IN_TURN = 20
PATIENCE_S = 120
POINT = "longitude=108.734&latitude=39.842&datum=cgcs2000"
MONTH = "month=2026-10"
PATHS = {
    "healthz": "/healthz",
    "readyz": "/readyz",
    "page": "/",
    "asset": "/assets/maplibre-gl/maplibre-gl.css",
    "suggest": "/v1/suggest?q=xnz",
    "geocode": "/v1/geocode?q=锡尼镇",
    "reverse": f"/v1/reverse?{POINT}",
    "locate": f"/v1/locate?{POINT}",
    "locate on a day": f"/v1/locate?{POINT}&at=2026-10-01",
    "route": f"/v1/route?{POINT}",
    "route on a day": f"/v1/route?{POINT}&at=2026-10-01",
    "grids": "/v1/grids?level=1",
    "grids on a day": "/v1/grids?level=1&at=2026-10-01",
    "editions": "/v1/editions",
    "months": "/v1/months",
    "coverage": f"/v1/coverage?{MONTH}",
    "series": "/v1/series/150625",
    "hotspots": f"/v1/hotspots?{MONTH}",
    "incidents": "/v1/incidents",
    "counts": f"/v1/incidents/counts?{MONTH}",
    "changes": "/v1/changes",
    "posts": "/v1/posts?limit=10",
    "rules": "/v1/rules",
    "categories": "/v1/categories",
    "review": "/v1/review",
    "tiles": "/v1/tiles",
    "map": f"/v1/maps/coverage?{MONTH}",
    "ogc": "/ogc/collections",
    "ogc items": "/ogc/collections/grids/items?limit=10",
    "ogc tile": "/ogc/collections/grids/tiles/WebMercatorQuad/10/821/388",
}


@pytest.fixture(scope="module")
def base(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    url = world.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    site = {"BANNERGRID_DATABASE_URL": url, "BANNERGRID_TOKEN": TOKEN}
    log = tmp_path_factory.mktemp("crowd") / "log"
    with run_serve("serve", "--port", "0", log=log, **site) as (_, line):
        yield line[line.index("http://") :].partition("/?")[0]


async def ask(base: str, path: str, clients: int, times: int) -> list[float]:
    """Seconds of each answer, all of them 200."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    how = {"headers": {"Authorization": f"Bearer {TOKEN}"}, "limits": limits}
    waits_s: list[float] = []
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_S, trust_env=False, **how) as http:

        async def one() -> None:
            for _ in range(times):
                began_s = time.perf_counter()
                answer = await http.get(path)
                waits_s.append(time.perf_counter() - began_s)
                assert answer.status_code == 200, answer.text

        await asyncio.gather(*(one() for _ in range(clients)))
    return waits_s


@pytest.mark.parametrize("world", [1], indirect=True, ids=["1x"], scope="session")
@pytest.mark.parametrize("name", PATHS)
@pytest.mark.benchmark(group="200 clients at once")
def test_crowd(
    benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str], base: str, name: str
) -> None:
    path = PATHS[name]
    turn_s = float(np.mean(run(ask(base, path, 1, IN_TURN))))
    came: list[list[float]] = []
    taken_s: list[float] = []

    def at_once() -> None:
        began_s = time.perf_counter()
        came.append(run(ask(base, path, CLIENTS, 1)))
        taken_s.append(time.perf_counter() - began_s)

    benchmark.pedantic(at_once, rounds=2, warmup_rounds=0)
    p99_s = float(np.percentile(came[-1], 99))
    say(benchmark, capsys, p99_s=p99_s, times=min(taken_s) / (CLIENTS * turn_s))
