import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from psycopg.errors import InvalidTextRepresentation, UniqueViolation
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.crs import STORAGE_CRS
from geo.db.copy import CHUNK_BYTES, copy_frame


@pytest.fixture
def things(session: Session) -> str:
    session.execute(
        text(
            "CREATE TEMPORARY TABLE things (id int PRIMARY KEY, word text, many bigint, "
            "part float8, flag bool, day date, at timestamptz, geom geometry(Point, 4490))"
        )
    )
    return "things"


def read(session: Session, columns: str) -> list[tuple[object, ...]]:
    rows = session.execute(text(f"SELECT {columns} FROM things ORDER BY id"))  # noqa: S608 - fixed
    return [tuple(row) for row in rows]


def test_words_arrive_as_they_left(session: Session, things: str) -> None:
    words = [
        None,
        "",
        "NULL",
        "\\N",
        "\\.",
        "建安社区",
        'a "quoted" one',
        "two\nlines\r\n",
        "a,b;\tc",
        " spaces ",
        "𠮷 rare",
    ]
    frame = pd.DataFrame({"id": range(len(words)), "word": words})
    assert copy_frame(session, things, frame) == len(words)
    assert [row[0] for row in read(session, "word")] == words


def test_missing_values_of_every_kind_become_null(session: Session, things: str) -> None:
    frame = pd.DataFrame(
        {
            "id": [1, 2],
            "word": [np.nan, "x"],
            "many": pd.array([pd.NA, 2**60], dtype="Int64"),
            "part": [np.nan, 0.1],
            "flag": pd.array([pd.NA, False], dtype="boolean"),
            "day": [None, dt.date(2026, 11, 23)],
            "at": pd.to_datetime([None, "2026-11-23T08:00:00+08:00"]),
        }
    )
    copy_frame(session, things, frame)
    missing, present = read(session, "word, many, part, flag, day, at")
    assert missing == (None,) * 6
    at = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    assert present == ("x", 2**60, 0.1, False, dt.date(2026, 11, 23), at)


def test_numbers_keep_every_digit(session: Session, things: str) -> None:
    values = np.array([0.1 + 0.2, 1e-300, -1.7976931348623157e308, 107.12345678901234])
    copy_frame(session, things, pd.DataFrame({"id": range(4), "part": values}))
    assert [row[0] for row in read(session, "part")] == values.tolist()


def test_geometry_keeps_its_crs_and_its_bits_and_may_be_missing(
    session: Session, things: str
) -> None:
    point = shapely.Point(108.73612345678901, 39.83312345678901)
    frame = gpd.GeoDataFrame({"id": [1, 2]}, geometry=[point, None], crs=STORAGE_CRS)
    copy_frame(session, things, frame.rename_geometry("geom"))
    placed, missing = read(session, "ST_SRID(geom), ST_AsBinary(geom)")
    assert placed[0] == 4490
    assert shapely.from_wkb(bytes(placed[1])) == point  # type: ignore[arg-type]
    assert missing == (None, None)


def test_no_rows_are_no_rows(session: Session, things: str) -> None:
    assert copy_frame(session, things, pd.DataFrame({"id": [], "word": []})) == 0
    assert read(session, "id") == []


def test_progress_counts_up_to_all(session: Session, things: str) -> None:
    frame = pd.DataFrame({"id": range(6), "word": ["旗" * (CHUNK_BYTES // 9)] * 6})
    told: list[tuple[int, int]] = []
    copy_frame(session, things, frame, on_bytes=lambda sent, total: told.append((sent, total)))
    assert len(told) >= 2
    assert [sent for sent, _ in told] == sorted(sent for sent, _ in told)
    assert told[-1][0] == told[-1][1]
    assert read(session, "length(word)") == [(CHUNK_BYTES // 9,)] * 6


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (pd.DataFrame({"id": [1, 1]}), UniqueViolation),
        (pd.DataFrame({"id": ["one"]}), InvalidTextRepresentation),
    ],
)
def test_one_bad_row_writes_none(
    session: Session, things: str, frame: pd.DataFrame, error: type[Exception]
) -> None:
    with pytest.raises(error), session.begin_nested():
        copy_frame(session, things, frame)
    assert read(session, "id") == []


def test_names_are_quoted(session: Session) -> None:
    session.execute(text('CREATE TEMPORARY TABLE "odd ""name" ("a ""b" int)'))
    assert copy_frame(session, 'odd "name', pd.DataFrame({'a "b': [7]})) == 1
    assert session.scalar(text('SELECT "a ""b" FROM "odd ""name"')) == 7
