"""No table, view, frame or function keeps, orders or counts anything by a named cadre."""

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

import geo.coverage
from geo import frames
from geo.coverage import figures, measures, recency, series, solving, states
from geo.db.tables import Base
from geo.settings import Settings
from tests.geo.coverage.small_world import OCTOBER, ORGANISATION_OF, build

HERE = Path(geo.coverage.__file__).parent
# Rows of these say who did or held what; they carry no figure.
RECORDS = {"pairing", "visit", "post_term"}
IDENTITY = {"id", "external_id", "organisation_id", "name", "party_member"}
MODULES = sorted(path.stem for path in HERE.glob("*.py") if path.stem != "__init__")


def test_a_cadres_own_row_holds_no_figure() -> None:
    assert set(Base.metadata.tables["cadre"].columns.keys()) == IDENTITY


def test_only_records_refer_to_a_cadre() -> None:
    referring = {
        table.name
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "cadre"
    }
    assert referring == RECORDS
    for name in RECORDS:
        numbers = [
            column.name
            for column in Base.metadata.tables[name].columns
            if column.type.python_type in (int, float) and not column.name.endswith("id")
        ]
        assert numbers == []


def test_no_view_of_the_database_names_a_cadre(session: Session) -> None:
    columns = session.execute(
        text(
            "SELECT table_schema || '.' || table_name, column_name FROM information_schema.columns "
            "JOIN information_schema.views USING (table_schema, table_name) "
            "WHERE table_schema IN ('public', 'published')"
        )
    ).all()
    assert len(columns) > 50
    assert [row for row in columns if "cadre" in row[1] or "holder" in row[1]] == []


def test_no_promised_frame_has_a_column_of_people() -> None:
    promised = [value for value in vars(frames).values() if isinstance(value, frames.Frame)]
    assert len(promised) > 8
    for frame in promised:
        named = {*frame.columns, *frame.optional}
        assert not {"cadre", "cadre_id", "holder", "phone", "rank", "score"} & named, frame.name


@pytest.mark.parametrize("module", MODULES)
def test_no_function_takes_or_groups_by_a_cadre(module: str) -> None:
    made = import_module(f"geo.coverage.{module}")
    for name, function in inspect.getmembers(made, inspect.isfunction):
        if function.__module__ == made.__name__:
            assert not {"cadre", "cadre_id", "cadres"} & set(inspect.signature(function).parameters)
            assert "rank" not in name
    grouped = [
        ast.unparse(call)
        for call in ast.walk(ast.parse((HERE / f"{module}.py").read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ("group_by", "groupby", "order_by")
        and any("cadre." in ast.unparse(argument) for argument in call.args)
    ]
    assert [call for call in grouped if "cadre.id" in call] == []


def test_no_answer_holds_a_cadres_name_or_number(session: Session) -> None:
    build(session)
    answers = [
        figures.figures(session, settings=Settings()),
        measures.measures(session, target=0.95),
        recency.recency(session, month=OCTOBER, settings=Settings()),
        solving.solved(session, by_category=True),
        states.deliveries(session, month=OCTOBER),
        series.series(session, code="150625100001"),
    ]
    for answer in answers:
        assert len(answer)
        assert not answer.isin(list(ORGANISATION_OF)).any().any()
