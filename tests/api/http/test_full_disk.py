"""Files that find no room: one sentence, and nothing half written is left behind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.http.test_revival import on_small_disk

pytestmark = pytest.mark.slow

# Writes each kind of file into a folder that is filled to its last byte; tells how that ended.
SCRIPT = """
import contextlib, datetime, json, os, pathlib, sys
from geo.errors import DiskFullError
from geo.intake import rejects
from geo.files.atomic import atomic_file
from geo.territory.files import write_grids
from geo.territory.model import Edition
import pandas as pd
from tests.builders import square, territory
place = pathlib.Path(sys.argv[1])
with contextlib.suppress(OSError), (place / "filler").open("wb", buffering=0) as file:
    while file.write(bytes(512)):
        pass
grids = territory(*(square(f"150625100001{n:03d}", x=n, name="x" * 99) for n in range(1, 400)),
                  communities={"150625100001": "c"})
day = datetime.date(2026, 1, 1)
edition = Edition(1, "first", day, datetime.datetime(2026, 1, 1), True, "drawn", None)

def whole(path):
    with atomic_file(path) as half, half.open("wb") as file:
        file.write(bytes(100_000))

def grids_to(path):
    write_grids(grids, path, edition=edition, language="en")

rows = pd.DataFrame({"a": range(99_999)})
kinds = {"whole": whole, "rejects.csv": lambda path: rejects.write(rows, path)}
kinds |= {f"grids.{ending}": grids_to for ending in ("geojson", "gpkg", "shp", "parquet", "csv")}
for name, write in kinds.items():
    try:
        write(place / name)
        said = "written"
    except DiskFullError as error:
        said = error.message("en")
    except Exception as error:
        said = repr(error)
    print(json.dumps([name, said, sorted(set(os.listdir(place)) - {"filler"})]), flush=True)
"""


def test_a_full_disk_is_one_sentence_and_leaves_no_half_file(tmp_path: Path) -> None:
    made, place = tmp_path / "made", tmp_path / "full"
    made.mkdir()
    place.mkdir()
    script = [sys.executable, "-c", SCRIPT, str(place)]
    done = subprocess.run(
        on_small_disk(made, place, *script, size="64k"),
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[3],
        text=True,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == 7
    for name, said, left in told:
        assert said.startswith(f"The disk is full: there is no room for {place}/{name}."), said
        assert left == [], name
