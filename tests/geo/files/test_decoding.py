"""The letters of a Shapefile are the right ones, whatever its .cpg says, or it is refused."""

from pathlib import Path

import geopandas as gpd
import pytest

from geo.errors import FileRefusedError
from geo.files.decoding import encoding_of, text_of
from geo.files.vector import reading
from tests.geo.territory.raw import TWO

CHINESE = ["建安社区", "团结社区"]
GREEK = ["Αθήνα", "Πάτρα"]


def shapefile(path: Path, names: list[str], encoding: str, cpg: str | None) -> Path:
    frame = gpd.GeoDataFrame({"name": names}, geometry=TWO.geometry, crs=TWO.crs)
    frame.to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg, encoding="ascii")
    return path


@pytest.mark.parametrize(
    "cpg", [None, "", "UTF-8", "ISO-8859-1", "GBK", "936", "1252", "BIG5", "?"]
)
@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
def test_chinese_is_chinese(tmp_path: Path, encoding: str, cpg: str | None) -> None:
    path = shapefile(tmp_path / "c.shp", CHINESE, encoding, cpg)
    assert reading.read(path).frame["name"].tolist() == CHINESE


def test_endings_in_capitals_are_endings(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "C.shp", CHINESE, "GB18030", None)
    for part in list(tmp_path.iterdir()):
        part.rename(part.with_suffix(part.suffix.upper()))
    assert reading.read(path.with_suffix(".SHP")).frame["name"].tolist() == CHINESE


@pytest.mark.parametrize(
    ("names", "encoding", "cpg"),
    [
        (["São José", "Conceição"], "ISO-8859-1", "ISO-8859-1"),
        (["São José", "Conceição"], "CP1252", "1252"),
        (["São José", "Conceição"], "UTF-8", None),
        (GREEK, "UTF-8", "UTF-8"),
        (["Olinda", "Boston"], "UTF-8", None),
    ],
)
def test_other_letters_are_theirs(
    tmp_path: Path, names: list[str], encoding: str, cpg: str | None
) -> None:
    path = shapefile(tmp_path / "o.shp", names, encoding, cpg)
    assert reading.read(path).frame["name"].tolist() == names


def test_what_no_encoding_explains_is_refused_until_one_is_named(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "r.shp", ["São José", "Conceição"], "ISO-8859-1", None)
    body = bytearray(path.with_suffix(".dbf").read_bytes())
    body[29] = 0  # the table's own word for its language
    path.with_suffix(".dbf").write_bytes(body)
    with pytest.raises(FileRefusedError, match="--encoding"):
        reading.read(path)
    named = reading.read(path, encoding="ISO-8859-1").frame
    assert named["name"].tolist() == ["São José", "Conceição"]
    for wrong in ("klingon", "ascii"):
        with pytest.raises(FileRefusedError, match=wrong):
            reading.read(path, encoding=wrong)


def test_a_name_that_was_cut_within_a_letter_is_refused_and_a_heading_so_cut_is_read(
    tmp_path: Path,
) -> None:
    whole = shapefile(tmp_path / "h.shp", CHINESE, "UTF-8", None)
    body = bytearray(whole.with_suffix(".dbf").read_bytes())
    body[32:43] = "社区名称".encode()[:10] + b"\x00"  # 12 bytes in a field of ten
    whole.with_suffix(".dbf").write_bytes(body)
    assert reading.read(whole).frame["社区名"].tolist() == CHINESE
    cut = shapefile(tmp_path / "c.shp", CHINESE, "UTF-8", "UTF-8")
    table = bytearray(cut.with_suffix(".dbf").read_bytes())
    header = int.from_bytes(table[8:10], "little")
    width = table[32 + 16]
    for row in range(2):
        start = header + row * (width + 1) + 1
        table[start : start + width] = b"a" * (width - 4) + "建".encode() + "安".encode()[:1]
    cut.with_suffix(".dbf").write_bytes(table)
    with pytest.raises(FileRefusedError, match="cut within a letter"):
        reading.read(cut)


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "c.shp", CHINESE, "UTF-8", None)
    path.with_suffix(".shx").unlink()
    with pytest.raises(FileRefusedError, match=r"c\.shx"):
        reading.read(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_text_is_read_as_written(tmp_path: Path, encoding: str) -> None:
    text = "代码,级别,名称\n330523,县,安吉县\n"
    path = tmp_path / "d.csv"
    path.write_bytes(text.encode(encoding))
    assert text_of(path) == text == text_of(path, encoding)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("name,note\n1,São João\n".encode("latin-1"), "neither"),
        ("name,note\n1,Монгол\n".encode("cp1251"), "neither"),
        # Two letters that are also two of UTF-8: nobody can tell 模式 from ģʽ.
        ("1,模式\n".encode("gb18030"), "in both"),
        (b"\xff\xff\xff", "not text in utf-8 / gb18030"),
    ],
)
def test_a_text_without_words_is_refused_until_its_encoding_is_named(
    tmp_path: Path, body: bytes, said: str
) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(body)
    with pytest.raises(FileRefusedError, match=said):
        encoding_of(path)
    assert text_of(path, "latin-1") == body.decode("latin-1")
    for wrong in ("klingon", "base64", "ascii"):
        with pytest.raises(FileRefusedError, match=wrong):
            encoding_of(path, wrong)


@pytest.mark.parametrize("text", ["Αθήνα, Ελλάδα", "São José", "Монгол", "ᠮᠣᠩᠭᠣᠯ", "plain"])
def test_utf_8_is_read_whatever_the_letters(tmp_path: Path, text: str) -> None:
    path = tmp_path / "d.csv"
    path.write_text(f"name,note\n1,{text}\n", "utf-8")
    assert encoding_of(path) == "utf-8"


def test_what_stands_far_behind_counts(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 100_000 + "3,建安社区\n".encode("gb18030"))
    assert encoding_of(path) == "gb18030"
