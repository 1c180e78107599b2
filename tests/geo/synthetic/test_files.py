"""Shipped files against their sources, and the same bytes from the same seed."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geo.synthetic import Banner, make, make_places, write, write_ground
from geo.synthetic.ship import ship
from geo.synthetic.sources import BoundariesMissingError, folder, folder_of, sha256, sources


def _bytes(written: dict[str, Path]) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in written.items()}


def test_every_shipped_file_is_listed_with_its_checksum() -> None:
    listed = sources()
    there = {path.name for path in folder().iterdir()} - {"sources.toml"}
    assert there == set(listed)
    for name, source in listed.items():
        assert source.sha256 == sha256(folder() / name)
        assert source.source
        assert source.licence
        assert source.attribution_zh
        assert source.attribution_en


def test_ground_files_say_whether_they_are_synthetic() -> None:
    for name, source in sources().items():
        if not name.endswith(".geojson"):
            continue
        head = (folder() / name).read_text(encoding="utf-8").splitlines()[0]
        assert ('"synthetic": true' in head) is source.synthetic
        assert '"attribution": ' in head
        assert gpd.read_file(folder() / name).crs.to_string() == source.crs
    assert not sources()["banner.geojson"].synthetic


def test_the_generator_makes_the_shipped_files_byte_for_byte(tmp_path: Path) -> None:
    outline = (folder() / "banner.geojson").read_bytes()
    (tmp_path / "banner.geojson").write_bytes(outline)
    for path in ship(tmp_path):
        assert path.read_bytes() == (folder() / path.name).read_bytes(), path.name


def test_divisions_list_the_banner_and_its_six_towns() -> None:
    divisions = pd.read_csv(folder() / "divisions.csv", dtype=str)
    assert divisions["code"].tolist()[0] == "150625"
    assert divisions["kind"].value_counts().to_dict() == {"town": 5, "sumu": 1, "banner": 1}
    row = divisions.set_index("code").loc["150625103"]
    assert "独贵特拉" in row["aliases"].split("|")


def test_same_seed_same_bytes_and_another_seed_differs(banner: Banner, tmp_path: Path) -> None:
    one = _bytes(write(banner, tmp_path / "one"))
    again = _bytes(write(make(today=banner.today), tmp_path / "again"))
    assert one == again
    other = _bytes(write(make(seed=2, today=banner.today), tmp_path / "other"))
    # The rules are facts: they speak of places and organisations that every seed has.
    assert [name for name in one if one[name] == other[name]] == ["rules"]


def test_the_day_does_not_move_the_ground(banner: Banner, tmp_path: Path) -> None:
    later = make(today=date(2027, 3, 1))
    (tmp_path / "one").mkdir()
    (tmp_path / "later").mkdir()
    one = _bytes(write_ground(banner, tmp_path / "one"))
    assert one == _bytes(write_ground(later, tmp_path / "later"))


def test_what_is_written_reads_back(banner: Banner, tmp_path: Path) -> None:
    written = write(banner, tmp_path)
    assert set(written) == {
        *("communities", "compounds", "buildings", "streets", "places", "organisations"),
        *("cadres", "compound_pairings", "households", "pairings", "visits", "incidents"),
        *("posts", "rules", "deliveries", "household_statuses", "occupancies"),
    }
    compounds = gpd.read_file(written["compounds"])
    assert compounds.crs.to_string() == "EPSG:4490"
    assert compounds.geometry.geom_equals(banner.compounds.geometry).all()
    homes = pd.read_csv(written["households"], parse_dates=["registered_from"])
    assert len(homes) == len(banner.households)
    assert homes["registered_from"].equals(banner.households["registered_from"].astype("M8[us]"))
    visits = pd.read_parquet(written["visits"])
    assert list(visits.columns) == ["household_id", "cadre_id", "visited_on", "purpose"]
    assert len(visits) == len(banner.visits)
    posts = pd.read_csv(written["posts"], dtype={"grid_code": "str"})
    assert len(posts) == len(banner.posts)
    assert set(posts["grid_code"].str.len()) == {12, 15}
    incidents = pd.read_csv(written["incidents"])
    assert incidents["reported_at"].str.endswith("+08:00").all()


def test_long_pairings_go_to_parquet(tmp_path: Path) -> None:
    banner = make(size=2, today=date(2026, 10, 15))
    written = write(banner, tmp_path)
    assert written["pairings"].suffix == ".parquet"
    assert len(pd.read_parquet(written["pairings"])) == len(banner.pairings)
    now = banner.households[banner.households["registered_to"].isna()]
    assert (len(now), now["residents"].sum()) == (44_000, 124_000)
    assert (len(banner.organisations), len(banner.cadres)) == (250, 8_212)
    assert banner.cadres["party_member"].sum() == 4_068


def test_a_checkout_goes_before_the_packaged_copy(tmp_path: Path) -> None:
    package = tmp_path / "geo" / "synthetic"
    checkout = tmp_path / "data" / "boundaries"
    with pytest.raises(BoundariesMissingError, match="install banner-grid again"):
        folder_of(package)
    for place in (package / "boundaries", checkout):
        place.mkdir(parents=True)
        (place / "sources.toml").write_text("")
        assert folder_of(package) == place


def test_parts_of_the_ground_do_not_depend_on_the_size() -> None:
    small, large = make_places(size=1), make_places(size=3)
    assert large.compounds.iloc[:104].geometry.geom_equals(small.compounds.geometry).all()
    assert large.compounds.iloc[:104]["name"].tolist() == small.compounds["name"].tolist()
