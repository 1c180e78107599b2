"""No traceback reaches a user: damaged files of rows, through every command that reads one.

Every mutation has a number; the same number makes the same file. `BANNERGRID_TEST_MUTATIONS` says
how many are tried.
"""

import os
import random
import re
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import group
from geo.errors import BannerGridError
from tests.conftest import new_database
from tests.damage import mutations
from tests.geo.intake import world

COUNT = int(os.environ.get("BANNERGRID_TEST_MUTATIONS", "180"))
KINDS = tuple(mutations.GOOD)
CHINESE = re.compile(r"[一-鿿]")


@pytest.fixture(scope="module")
def site(server_url: str) -> Iterator[str]:
    with new_database(server_url, fill=world.inhabit) as url:
        yield url.replace("postgresql+psycopg", "postgresql")


def invoke(url: str, folder: Path, arguments: list[str]) -> Result:
    """Run a command in this process; an error that is none of ours comes back as it was raised."""
    variables = {
        "BANNERGRID_DATABASE_URL": url,
        "BANNERGRID_LANGUAGE": "zh",
        "BANNERGRID_FILE_MEMORY_MB": "512",
        "BANNERGRID_MAX_CELLS": "1000000",
    }
    return CliRunner(env=variables).invoke(group, ["--data", str(folder), *arguments])


def commands(path: Path, kind: str, chance: random.Random) -> list[str]:
    """Give a command that reads the file."""
    out = str(path.parent / chance.choice(["out.csv", "out.xlsx", "out.parquet", "out.ndjson"]))
    wished = chance.random()
    if wished < 0.6 or path.suffix in (".geojson", ".gpkg"):
        return ["load", kind.split(maxsplit=1)[0], str(path), "--datum", "wgs84", "--dry-run"]
    if wished < 0.85:
        return ["route", str(path), "--datum", "gcj02", "--out", out, "--processes", "1", "--force"]
    column = chance.choice(["地址", "address", "户号"])
    return ["geocode", str(path), "--column", column, "--out", out, "--processes", "1", "--force"]


# What counts is what a person sees: the command line shows no warnings of libraries.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", mutations.FORMS)
def test_a_damaged_file_is_read_or_refused_with_a_sentence(
    site: str, tmp_path: Path, form: str
) -> None:
    (tmp_path / "data").mkdir()
    faults = []
    for number in range(COUNT // len(mutations.FORMS)):
        chance = random.Random(f"{form} {number}")  # noqa: S311 - the same file each time
        kind = chance.choice(KINDS)
        path = mutations.make(tmp_path / f"名册{form}", kind, chance)
        arguments = commands(path, kind, chance)
        done = invoke(site, tmp_path / "data", arguments)
        fault = fault_of(done)
        if fault is not None:
            faults.append(f"{form} {number}: {' '.join(arguments)}\n{fault}")
        path.unlink(missing_ok=True)
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


def fault_of(done: Result) -> str | None:
    """Say what is wrong with how a command ended; None where it is as it should be."""
    error = done.exception
    if isinstance(error, BannerGridError):
        message = error.message("zh")
        return None if CHINESE.search(message) else f"no Chinese: {message}"
    if error is None or isinstance(error, SystemExit):
        if done.exit_code not in (0, 1, 2):
            return f"exit {done.exit_code}"
        return None if CHINESE.search(done.output) else f"no Chinese: {done.output}"
    return "".join(traceback.format_exception(error)[-12:])


RULES = """title = "规则"
valid_from = 2026-01-01

[[rule]]
name = "a"
category = "city"
level = "grid"
place = "150625"
department = "O1"
limit_h = 4
"""
# Of each: a good file, and the command that reads it.
OTHERS: dict[str, tuple[str, list[str]]] = {
    "规则.toml": (RULES, ["rules", "check", "{}"]),
    "映射.toml": (
        'external_id = "家庭代码"\n\n[visits]\nhousehold_id = "户"\n',
        ["load", "households", "{h}", "--mapping", "{}", "--datum", "wgs84", "--dry-run"],
    ),
    "aliases.csv": (
        "target_kind,target_id,alias,kind,source\ncompound,X1,金鼎,alias,某\n",
        ["gazetteer", "import", "{}", "--actor", "a", "--dry-run"],
    ),
    "compounds.csv": (
        "external_id,name,aliases\nX1,金鼎,金鼎苑|鼎苑\n",
        ["gazetteer", "import", "{}", "--actor", "a", "--dry-run"],
    ),
}
STRANGE = [
    b"",
    b"\xff\xfe",
    b"a = " + b"[" * 5_000,
    b"a = " + b"{a=" * 5_000,
    b"PK\x03\x04",
    b"<html></html>",
    b"external_id = 5",
    b"rule = 5",
    b"[[rule]]\nlimit_h = 1e400\nname = []",
    b"[[rule]]\nname = 'a'\nlimit_h = 99999999999999999999\nvalid_from = 0001-01-01",
    "external_id,aliases\nX1,a".encode("utf-16"),
    b"external_id,aliases,aliases\nX1,a,b",
    b"external_id,aliases\nX1,a,b\n",
    b"target_kind,target_id,alias,kind,source\n,,,,\n",
]


# What counts is what a person sees: the command line shows no warnings of libraries.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OTHERS)
def test_damaged_rules_mappings_and_names_are_refused_with_a_sentence(
    site: str, tmp_path: Path, name: str
) -> None:
    good, command = OTHERS[name]
    homes = tmp_path / "h.csv"
    homes.write_text("家庭代码,人口\nH1,2\n", "utf-8")
    (tmp_path / "data").mkdir()
    path, faults = tmp_path / name, []
    for number in range(len(STRANGE) + COUNT // 45):
        chance = random.Random(f"{name} {number}")  # noqa: S311 - the same file each time
        body = bytearray(good.encode())
        if number < len(STRANGE):
            body = bytearray(STRANGE[number])
        else:
            chance.choice(mutations.BYTES)(body, chance)
        path.write_bytes(bytes(body))
        arguments = [each.format(path, h=homes) for each in command]
        fault = fault_of(invoke(site, tmp_path / "data", arguments))
        if fault is not None:
            faults.append(f"{name} {number}: {bytes(body[:60])!r}\n{fault}")
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)
