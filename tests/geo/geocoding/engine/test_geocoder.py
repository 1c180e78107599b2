import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import FrameError
from geo.geocoding.facts import faults
from geo.geocoding.gazetteer import Gazetteer
from geo.geocoding.geocoder import COLUMNS, Geocoder
from tests.geo.geocoding.engine.world import TUANJIE, XIANGYANG, frames, gazetteer

HOME = "C1-3号楼-2-302"


@pytest.mark.parametrize(
    ("text", "household"),
    [
        ("锡尼镇团结社区金鼎小区3号楼2单元302", HOME),
        ("金鼎小区3-2-302", HOME),
        ("金鼎小区32302", HOME),
        ("金鼎小区三栋二单元三零二", HOME),
        ("金鼎小区3号楼2单元3楼2号", HOME),
        ("金鼎小区3#楼2门302", HOME),
        ("金鼎小區３號樓２單元３０２", HOME),
        ("3号楼2单元302室，金鼎小区，团结社区", HOME),
        ("老粮库楼3-2-302", HOME),
        ("金鼎小区一期3-2-302", HOME),
        ("金鼎小去3-2-302", HOME),
        ("金鼎小区3-2-302 13847712345 张先生收", HOME),
        ("西平房3排5号", "C3-3排--5"),
        ("西环平房三排五号", "C3-3排--5"),
        ("金鼎二期902", "C2-1号楼-1-902"),
        ("鑫园小区A座501", "C4-A座-1-501"),
        ("鑫圆小区A座501", "C4-A座-1-501"),
        ("鑫园小区综合楼东户", "C4-综合楼--东户"),
        ("鑫园小区综合楼一楼商铺", "C4-综合楼--一楼商铺"),
        ("幸福小区2号楼1单元101", "C6-2号楼-1-101"),
        ("巴拉贡镇幸福小区1-1-101", "C6-1号楼-1-101"),
        ("沙漠绿州小区1-2-301", "C7-1号楼-2-301"),
    ],
)
def test_finds_the_household(geocoder: Geocoder, text: str, household: str) -> None:
    row = geocoder.geocode([text]).iloc[0]
    assert row["household_id"] == household
    assert row["level"] == "household"
    assert row["probability"] > 0.5


@pytest.mark.parametrize(
    ("text", "level", "fault"),
    [
        ("金鼎小区3号楼302", "building", "UNIT.missing"),
        ("金鼎小区3号楼2单元202", "unit", "ROOM.notRegistered"),
        ("金鼎小区3号楼2单元909", "unit", "ROOM.notInGazetteer"),
        ("金鼎小区3号楼7单元302", "building", "UNIT.notInGazetteer"),
        ("金鼎小区9号楼2单元302", "compound", "BUILDING.notInGazetteer"),
        ("金鼎小区3号楼2单元3楼东户", "unit", "ROOM.bySide"),
        ("金鼎小区3号楼2单元", "unit", "ROOM.missing"),
        ("金鼎小区", "compound", "BUILDING.missing"),
        ("幸福小区1-1-101", "compound", "COMPOUND.ambiguous"),
        ("团结社区", "community", "COMMUNITY.only"),
        ("团结社区御景湾小区3-2-302", "community", "COMPOUND.notInGazetteer"),
        ("盛世华庭3-2-302", "none", "COMPOUND.notInGazetteer"),
        ("金鼎家园3-2-302", "none", "COMPOUND.suffix"),
        ("新沙漠绿洲小区1-2-301", "none", "COMPOUND.extraWords"),
        ("杭锦后旗金鼎小区3-2-302", "none", "BANNER.other"),
        ("达拉特旗锡尼街道金鼎小区", "none", "BANNER.other"),
        ("锡尼镇", "none", "PLACE.coarse"),
        ("中国银行对面", "place", "RELATION.beside"),
        ("东街49号", "place", "DOORPLATE.near"),
        ("东街400号", "none", "STREET.only"),
        ("", "none", "TEXT.empty"),
        (None, "none", "TEXT.empty"),
        ("金" * 1_000_000, "none", "TEXT.tooLong"),
        ("😀" * 50, "none", "TEXT.noAddress"),
        ("'; DROP TABLE household; --", "none", "TEXT.noAddress"),
        ("\x00\x01\x02", "none", "TEXT.noAddress"),
        ("ᠬᠠᠩᠭᠢᠨ", "none", "TEXT.noAddress"),
    ],
)
def test_says_how_far_it_got_and_why(
    geocoder: Geocoder, text: str | None, level: str, fault: str
) -> None:
    row = geocoder.geocode([text]).iloc[0]
    assert row["level"] == level
    assert fault in row["faults"]
    assert pd.isna(row["household_id"])


def test_a_contradicted_community_is_reported_and_costs(geocoder: Geocoder) -> None:
    table = geocoder.geocode(["团结社区沙漠绿洲小区1-2-301", "向阳社区沙漠绿洲小区1-2-301"])
    assert table["household_id"].tolist() == ["C7-1号楼-2-301"] * 2
    assert table["faults"].tolist() == [["COMMUNITY.contradicts"], []]
    assert table["probability"].iloc[0] < table["probability"].iloc[1]


def test_the_grid_is_surer_than_the_household(geocoder: Geocoder) -> None:
    row = geocoder.geocode(["金鼎小区3号楼302"]).iloc[0]
    assert row["grid_code"] == TUANJIE + "001"
    assert row["grid_probability"] > 0.9
    ways = [one["household_id"] for one in row["candidates"]]
    assert ways == ["C1-3号楼-1-302", "C1-3号楼-2-302"]
    assert all(one["why"] == ["LOST.tie"] for one in row["candidates"])


def test_a_doorplate_and_a_body_are_places(geocoder: Geocoder) -> None:
    table = geocoder.geocode(["东街45号", "中国银行", "税务局"])
    assert table["level"].tolist() == ["place"] * 3
    assert table["grid_code"].tolist() == [TUANJIE + "001"] * 2 + [TUANJIE + "002"]
    assert table["longitude"].notna().all()


def test_an_ambiguous_name_names_its_rival(geocoder: Geocoder) -> None:
    row = geocoder.geocode(["幸福小区1-1-101"]).iloc[0]
    both = {row["compound_code"], *(one["compound_code"] for one in row["candidates"])}
    assert both == {"C5", "C6"}
    assert row["grid_probability"] < 0.9


@given(st.lists(st.one_of(st.none(), st.text(max_size=30)), max_size=8))
def test_one_row_for_each_text_in_order(texts: list[str | None]) -> None:
    table = _shared().geocode([*texts, "金鼎小区3-2-302"])
    assert list(table.columns) == list(COLUMNS)
    assert len(table) == len(texts) + 1
    assert table["household_id"].iloc[-1] == HOME
    assert table["probability"].between(0, 1).all()
    assert (table["level"].eq("none") == table["probability"].eq(0)).all()


@given(st.permutations(["金鼎小区3-2-302", "鑫圆小区A座501", "团结社区", "x", "幸福小区1-1-101"]))
def test_neighbours_do_not_matter(texts: list[str]) -> None:
    together = _shared().geocode(texts)
    alone = pd.concat([_shared().geocode([text]) for text in texts], ignore_index=True)
    assert together["probability"].tolist() == pytest.approx(alone["probability"].tolist())
    assert together["level"].tolist() == alone["level"].tolist()


_BUILT: list[Geocoder] = []


def _shared() -> Geocoder:
    """Hypothesis runs a test many times within one call: fixtures of a function are no use."""
    if not _BUILT:
        _BUILT.append(Geocoder(gazetteer()))
    return _BUILT[0]


def test_a_confirmed_alias_works_in_the_next_gazetteer() -> None:
    given_frames = frames()
    text = "粮站大院3-2-302"
    assert Geocoder(Gazetteer(**given_frames)).geocode([text])["level"].tolist() == ["none"]
    given_frames["aliases"] = pd.DataFrame(
        [("compound", "C1", "粮站大院", "people", "review")],
        columns=["target_kind", "target_id", "alias", "kind", "source"],
    )
    assert Geocoder(Gazetteer(**given_frames)).geocode([text])["household_id"].tolist() == [HOME]


def test_a_missing_column_or_owner_is_refused() -> None:
    given_frames = frames()
    with pytest.raises(FrameError, match="kind"):
        Gazetteer(**(given_frames | {"compounds": given_frames["compounds"].drop(columns="kind")}))
    stray = given_frames["households"].assign(building_id="B?")
    with pytest.raises(FrameError, match=r"B\?"):
        Gazetteer(**(given_frames | {"households": stray}))


def test_an_empty_gazetteer_answers_none() -> None:
    empty = {name: frame.iloc[:0] for name, frame in frames().items()}
    table = Geocoder(Gazetteer(**empty)).geocode(["金鼎小区3-2-302", None])
    assert table["level"].tolist() == ["none", "none"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_explanation_can_be_read(geocoder: Geocoder, language: str) -> None:
    text = "我家住 鑫圆小區Ａ座501，13847712345"
    told = geocoder.explain(text, language)  # type: ignore[arg-type]
    assert told["original"] == text
    assert [text[a:b] for a, b in told["junk"]] == ["13847712345"]
    assert told["result"]["household_id"] == "C4-A座-1-501"
    assert told["readings"][0]["building"] == "A座"
    assert [text[a:b] for a, b in (n["span"] for n in told["numbers"])] == ["Ａ座", "501"]
    sentences = [fault["sentence"] for fault in told["faults"]]
    assert any("鑫圆小区" in sentence and "鑫园小区" in sentence for sentence in sentences)


def test_every_fault_has_both_sentences() -> None:
    for code, sentences in faults().items():
        assert set(sentences) == {"zh", "en"}, code


def test_communities_of_one_name_are_told_apart_by_town(geocoder: Geocoder) -> None:
    row = geocoder.geocode(["巴拉贡镇向阳社区"]).iloc[0]
    assert row["grid_code"] == XIANGYANG
