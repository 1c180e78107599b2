"""`bannergrid rules` as an administrator runs it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.cli import group
from geo.calendar import today
from geo.db.engine import make_engine
from geo.errors import BannerGridError
from geo.routing import proposal
from geo.routing.model import RuleSet
from tests.builders import world
from tests.conftest import new_database
from tests.geo.routing.proposals import everywhere, rule
from tests.geo.routing.sets import NETWORKS, build, stored

NEAR = "150625100001"
WHOLE = everywhere(*NETWORKS, department="O1")


@pytest.fixture
def site(server_url: str) -> Iterator[Engine]:
    with new_database(server_url) as url:
        engine = make_engine(url)
        with Session(engine) as session, session.begin():
            build(session)
            categories = ("city.heating", "city.noise", "order")
            placed = {"grid_code": f"{NEAR}001", "match": "inside", "distance_m": 0}
            world(
                session,
                incidents=[
                    {
                        "external_id": f"E{n}",
                        "category": category,
                        "reported_at": "2026-10-02 08:00+08",
                        **placed,
                    }
                    for n, category in enumerate(categories, start=1)
                ],
            )
        yield engine
        engine.dispose()


def run(site: Engine, *words: object, language: str = "zh") -> Result:
    url = site.url.set(drivername="postgresql").render_as_string(hide_password=False)
    env = {"BANNERGRID_LANGUAGE": language, "BANNERGRID_DATABASE_URL": url}
    return CliRunner(env=env).invoke(group, ["rules", *map(str, words)])


def written(folder: Path, *lines: str, title: str = "规则", name: str = "规则.toml") -> Path:
    made = RuleSet(1, title, date(2026, 1, 1), None, tuple(map(rule, lines)))
    path = folder / name
    head, _, rest = proposal.as_toml(made).partition("\nvalid_from = 2026-01-01")
    path.write_text(head + rest, encoding="utf-8")
    return path


def rows(site: Engine) -> dict[str, list[object]]:
    with Session(site) as session:
        return stored(session)


def test_a_sound_file_is_said_to_be_sound_and_nothing_is_written(
    site: Engine, tmp_path: Path
) -> None:
    before = rows(site)
    result = run(site, "check", written(tmp_path, *WHOLE))
    assert result.exit_code == 0, result.output
    assert f"规则.toml：{len(WHOLE)} 条规则" in result.stdout
    assert "在 4 个网格都有人负责，没有问题" in result.stdout
    assert rows(site) == before


def test_faults_are_listed_and_the_exit_status_is_1(site: Engine, tmp_path: Path) -> None:
    path = written(tmp_path, *WHOLE, "a city.heat grid 150625 O9 4", "b order grid 150625 O1 4")
    result = run(site, "check", path, language="en")
    assert result.exit_code == 1
    codes = [line.split()[0] for line in result.stdout.splitlines()]
    assert codes == ["rules.unknown_category", "rules.unknown_department", "rules.duplicate"]
    assert result.stderr == "3 faults\n"
    refused = run(site, "load", path)
    assert isinstance(refused.exception, BannerGridError)
    assert "有 3 处问题，未载入任何规则" in refused.exception.message("zh")
    assert rows(site)["rule_set"] == []


def test_a_set_is_rehearsed_loaded_shown_and_loaded_again(site: Engine, tmp_path: Path) -> None:
    path = written(tmp_path, *WHOLE)
    rehearsed = run(site, "load", path, "--from", "2026-06-01", "--dry-run")
    assert rehearsed.exit_code == 0, rehearsed.output
    assert "演练：没有写入任何数据" in rehearsed.stdout
    assert rows(site)["rule_set"] == []

    done = run(site, "load", path, "--from", "2026-06-01")
    assert done.stdout == f"第 1 套规则“规则”，{len(WHOLE)} 条，从 2026-06-01 起生效\n"
    again = run(site, "load", path)
    assert again.stdout.rstrip().endswith("从 2026-06-01 起生效（已在其中，没有变化）")

    shown = run(site, "show", "--at", "2026-06-01", language="en")
    assert shown.stdout.startswith("Rule set 1 “规则”, from 2026-06-01 on, synthetic\n")
    assert len(shown.stdout.splitlines()) == 2 + len(WHOLE)
    assert "City services" in shown.stdout
    assert "财政局" in shown.stdout
    early = run(site, "show", "--at", "2026-05-31")
    assert isinstance(early.exception, BannerGridError)
    assert "bannergrid rules load" in early.exception.message("zh")


def test_what_is_shown_into_a_file_is_the_same_set(site: Engine, tmp_path: Path) -> None:
    run(site, "load", written(tmp_path, *WHOLE, f"heat city.heating grid {NEAR} O2 4.5"))
    out = tmp_path / "现行.toml"
    result = run(site, "show", "--out", out)
    assert result.stdout == f"已写出 {len(WHOLE) + 1} 条规则：{out}\n"
    assert out.read_text(encoding="utf-8").startswith("# nobody，合成数据\ntitle = ")
    assert "没有变化" in run(site, "load", out).stdout
    there = run(site, "show", "--out", out)
    assert isinstance(there.exception, BannerGridError)
    assert "--force" in there.exception.message("zh")
    assert run(site, "show", "--out", out, "--force").exit_code == 0


def test_the_first_day_is_that_of_the_option_the_file_or_today(
    site: Engine, tmp_path: Path
) -> None:
    path = written(tmp_path, *WHOLE)
    assert f"{today()} 起生效" in run(site, "load", path, "--dry-run").stdout
    dated = tmp_path / "dated.toml"
    dated.write_text("valid_from = 2026-07-01\n" + path.read_text("utf-8"), encoding="utf-8")
    assert "2026-07-01 起生效" in run(site, "load", dated, "--dry-run").stdout
    named = run(site, "load", dated, "--from", "2026-08-01")
    assert "2026-08-01 起生效" in named.stdout
    changed = written(tmp_path, *WHOLE, title="新", name="新.toml")
    refused = run(site, "load", changed, "--from", "2026-08-01")
    assert isinstance(refused.exception, BannerGridError)
    assert "--from" in refused.exception.message("zh")


def test_a_trial_shows_moves_and_limits_by_place_and_moves_nothing(
    site: Engine, tmp_path: Path
) -> None:
    run(site, "load", written(tmp_path, *WHOLE), "--from", "2026-01-01")
    before = rows(site)
    path = written(
        tmp_path,
        *WHOLE,
        f"heat city.heating grid {NEAR} O2 4",
        "noise city.noise grid 150625 O1 12",
        "above order community 150625100001001 O2 24",
        name="新.toml",
    )
    out = tmp_path / "试算.csv"
    result = run(site, "try", path, "--out", out)
    assert result.exit_code == 0, result.output
    said = result.stdout.splitlines()
    assert said[0] == (
        "新.toml：试算 3 起有网格的事件，合成数据，1 起会改派，1 起会改变时限，"
        "1 起仅逾期上报有变；没有改动任何数据"
    )
    assert [line.split() for line in said[2:5]] == [
        ["改派："],
        ["类别", "社区", "现由", "改由", "事件", "未办结"],
        ["供热问题", NEAR, NEAR, "财政局", "林草局", "1", "1"],
    ]
    assert [line.split() for line in said[6:9]] == [
        ["改变时限（小时）："],
        ["类别", "社区", "现限", "改限", "事件", "未办结"],
        ["噪声扰民", NEAR, NEAR, "24", "12", "1", "1"],
    ]
    assert [line.split() for line in said[10:13]] == [
        ["首先由谁办理不变，逾期上报有变："],
        ["类别", "社区", "事件", "未办结"],
        ["社会治安", NEAR, NEAR, "1", "1"],
    ]
    frame = pd.read_csv(out, dtype="str")
    assert frame["external_id"].tolist() == ["E1", "E2"]
    assert frame["to_department_name"].tolist() == ["林草局", "财政局"]
    assert frame["reported_at"].tolist() == ["2026-10-02 08:00:00+0800"] * 2
    assert set(frame["data"]) == {"合成数据"}
    assert rows(site) == before


def test_a_trial_of_other_days_or_of_the_same_rules_shows_nothing(
    site: Engine, tmp_path: Path
) -> None:
    path = written(tmp_path, *WHOLE)
    run(site, "load", path, "--from", "2026-01-01")
    same = run(site, "try", path, language="en")
    assert same.stdout == (
        "规则.toml: of 3 incidents in grids, synthetic, 0 would go to another organisation, "
        "0 get another time limit, 0 other steps above only; nothing was moved\n"
    )
    heat = written(tmp_path, *WHOLE, "heat city.heating grid 150625 O2 4", name="b.toml")
    for words in (("--since", "2026-10-03"), ("--until", "2026-10-02")):
        assert "试算 0 起" in run(site, "try", heat, *words).stdout
    out = tmp_path / "试算.xlsx"
    assert run(site, "try", path, "--out", out).exit_code == 0
    assert len(pd.read_excel(out, engine="calamine")) == 0


def test_what_is_no_file_of_rules_is_one_sentence(site: Engine, tmp_path: Path) -> None:
    path = tmp_path / "规则.toml"
    path.write_text("名称 = 供热", encoding="utf-8")
    for words in (("check", path), ("load", path), ("try", path), ("check", tmp_path / "none")):
        result = run(site, *words)
        assert isinstance(result.exception, BannerGridError)
        assert "TOML" in result.exception.message("zh") or "无法读取" in result.exception.message(
            "zh"
        )


def test_the_help_says_what_a_file_holds() -> None:
    result = CliRunner().invoke(group, ["rules", "--help"])
    said = " ".join(result.output.split())
    assert [word for word in (*proposal.KEYS, "[[rule]]", "--out") if word not in said] == []
