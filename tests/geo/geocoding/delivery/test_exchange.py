"""The gazetteer out, in, and looked over."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from api.cli import group
from geo.calendar import today
from geo.geocoding import exchange, repository
from geo.geocoding.check import check
from geo.geocoding.repository import Places
from geo.geocoding.service import load, located
from geo.settings import Settings
from tests.conftest import new_database
from tests.geo.geocoding.delivery import town

# Each test writes a town and reads it as a gazetteer: half a second.
pytestmark = pytest.mark.slow

MARKS = {"edition": 1, "attribution": "合成边界", "data": "synthetic"}
ALIAS = "target_kind,target_id,alias,kind,source\n"


def places(session: Session) -> Places:
    return repository.places(session, edition=1, day=today(), limit_m=200)


@pytest.fixture
def gazetteer(banner: Session) -> Places:
    return places(banner)


def test_what_went_out_comes_in_and_changes_nothing(banner: Session, tmp_path: Path) -> None:
    there = places(banner)
    assert exchange.export(there, tmp_path, marks=MARKS)["households"] == len(there.households)
    written = pd.read_csv(tmp_path / "compounds.csv", encoding="utf-8-sig")
    assert written[list(MARKS)].drop_duplicates().to_dict("records") == [MARKS]
    done = exchange.import_(banner, tmp_path, there, actor="A")
    assert set(done) == {
        "towns.csv",
        "compounds.csv",
        "landmarks.csv",
        "organisations.csv",
        "aliases.csv",
    }
    assert set(done.values()) == {0}
    for name, frame in places(banner).tables().items():
        pd.testing.assert_frame_equal(frame, getattr(there, name))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_an_imported_alias_is_read_with_at_once(
    banner: Session, settings: Settings, tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "aliases.csv"
    path.write_text(ALIAS + "compound,K3,北门老院,popular,\n", encoding)
    assert exchange.import_(banner, path, places(banner), actor="A") == {"aliases.csv": 1}
    assert exchange.import_(banner, path, places(banner), actor="A") == {"aliases.csv": 0}
    found = located(load(banner, settings=settings), [town.UNHEARD], settings=settings)
    assert found["compound_code"].tolist() == ["K3"]
    (row,) = places(banner).aliases.to_dict("records")
    assert (row["alias"], row["source"]) == ("北门老院", "import")


def test_a_places_own_aliases_are_changed_by_its_file(banner: Session, tmp_path: Path) -> None:
    path = tmp_path / "compounds.csv"
    path.write_text("external_id,aliases\nK2, 鑫园院 | 新楼 |\nK1,\n", "utf-8")
    assert exchange.import_(banner, path, places(banner), actor="A") == {"compounds.csv": 2}
    names = places(banner).compounds.set_index("external_id")["aliases"]
    assert names[["K1", "K2", "K3"]].tolist() == ["", "鑫园院|新楼", ""]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("aliases.csv", ALIAS + "compound,K1,金,popular,\ncompound,K9,某,popular,\n", "line 3"),
        ("aliases.csv", ALIAS + "compound,K1,,popular,\n", "no alias"),
        ("aliases.csv", ALIAS + "compound,K1,甲|乙,popular,\n", "no alias"),
        ("aliases.csv", ALIAS + f"compound,K1,{'长' * 101},popular,\n", "no alias"),
        ("aliases.csv", ALIAS + "compound,K1,甲,nickname,\n", "nickname"),
        ("aliases.csv", "target_kind,alias\n", "target_id"),
        ("compounds.csv", "external_id,aliases\nK1,甲\nK9,乙\n", "K9"),
        ("compounds.csv", "external_id,aliases\nK1,甲\nK1,乙\n", "twice"),
        ("compounds.csv", "", "CSV"),
        ("households.csv", "external_id\n", "aliases.csv"),
    ],
)
def test_one_bad_row_and_nothing_is_imported(
    banner: Session, tmp_path: Path, name: str, body: str, said: str
) -> None:
    before = places(banner)
    (tmp_path / name).write_text(body, "utf-8")
    with pytest.raises(Exception, match=said) as caught:
        exchange.import_(banner, tmp_path, before, actor="A")
    assert caught.value.message("zh") != caught.value.message("en")  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(places(banner).compounds, before.compounds)
    assert places(banner).aliases.empty


def test_a_sound_gazetteer_has_no_findings(gazetteer: Places) -> None:
    assert check(gazetteer).empty


def change(frame: pd.DataFrame, row: int, **values: object) -> pd.DataFrame:
    changed = frame.copy().astype(object)
    for column, value in values.items():
        changed.loc[row, column] = value
    return changed


def alias(**values: str) -> pd.DataFrame:
    row = {"target_kind": "compound", "target_id": "K1", "alias": "x", "kind": "alias"}
    return pd.DataFrame([{**row, "source": "test", **values}])


@pytest.mark.parametrize(
    ("code", "severity", "spoil"),
    [
        (
            "NAME.blank",
            "error",
            lambda p: replace(p, compounds=change(p.compounds, 0, name=" ")),
        ),
        (
            "NAME.twice",
            "error",
            lambda p: replace(p, compounds=change(p.compounds, 1, name="金鼎小区")),
        ),
        (
            "NAME.twice",
            "note",
            lambda p: replace(p, compounds=change(p.compounds, 2, name="金鼎小区", aliases="")),
        ),
        ("ALIAS.collides", "error", lambda p: replace(p, aliases=alias(alias="鑫園小區"))),
        (
            "ALIAS.collides",
            "note",
            lambda p: replace(
                p, aliases=pd.concat([alias(alias="教师楼"), alias(alias="教师楼", target_id="K3")])
            ),
        ),
        (
            "ALIAS.collides",
            "error",
            lambda p: replace(
                p, aliases=pd.concat([alias(alias="教师楼"), alias(alias="教师楼", target_id="K2")])
            ),
        ),
        ("ALIAS.unknown", "error", lambda p: replace(p, aliases=alias(target_id="K9"))),
        (
            "COMPOUND.withoutBuildings",
            "note",
            lambda p: replace(p, buildings=p.buildings[p.buildings["compound_id"] != "K3"]),
        ),
        (
            "BUILDING.withoutRooms",
            "note",
            lambda p: replace(
                p, buildings=change(p.buildings, 4, floors=0), households=p.households.head(0)
            ),
        ),
        (
            "BUILDING.twice",
            "error",
            lambda p: replace(p, buildings=change(p.buildings, 1, name="１号楼")),
        ),
        (
            "ROOM.twice",
            "note",
            lambda p: replace(p, households=change(p.households, 1, room="101")),
        ),
        (
            "UNIT.beyondBuilding",
            "error",
            lambda p: replace(p, households=change(p.households, 0, unit="7")),
        ),
    ],
)
def test_each_flaw_is_found_and_called_by_its_name(
    gazetteer: Places, code: str, severity: str, spoil: object
) -> None:
    found = check(spoil(gazetteer))  # type: ignore[operator]
    mine = found[found["code"] == code]
    assert set(mine["severity"]) == {severity}
    assert (mine["detail_zh"] != mine["detail_en"]).all()
    assert (mine["id"] != "").all()


@pytest.fixture(scope="module")
def site(server_url: str) -> Iterator[str]:
    with new_database(server_url, fill=town.build) as url:
        yield url.replace("postgresql+psycopg", "postgresql")


def run(site: str, *arguments: object) -> Result:
    variables = {"BANNERGRID_DATABASE_URL": site, "BANNERGRID_LANGUAGE": "en"}
    return CliRunner(env=variables).invoke(group, ["gazetteer", *map(str, arguments)])


def test_from_the_command_line(site: str, tmp_path: Path) -> None:
    folder = tmp_path / "gazetteer"
    done = run(site, "export", folder)
    assert done.exit_code == 0, done.output
    assert "compounds.csv  3" in done.stdout
    assert set(pd.read_csv(folder / "households.csv")["data"]) == {"synthetic"}
    assert run(site, "check").exit_code == 0
    (folder / "aliases.csv").write_text(ALIAS + "compound,K1,鑫园小区,alias,x\n", "utf-8")
    rehearsed = run(site, "import", folder, "--actor", "A", "--dry-run")
    assert "aliases.csv: 1 changed" in rehearsed.stdout
    assert run(site, "check").exit_code == 0
    assert run(site, "import", folder / "aliases.csv", "--actor", "A").exit_code == 0
    looked = run(site, "check", "--out", tmp_path / "findings.csv")
    assert looked.exit_code == 1
    assert "ALIAS.collides" in looked.stdout
    assert len(pd.read_csv(tmp_path / "findings.csv")) == 1
