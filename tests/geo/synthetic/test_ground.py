"""The ground: counts as promised, a valid coverage, everything inside what it belongs to."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo import crs, frames
from geo.synthetic import Banner, SizeError, make_places
from geo.synthetic.sources import outline


def _inside(inner: gpd.GeoDataFrame, key: str, outer: gpd.GeoDataFrame, outer_key: str) -> bool:
    around = outer.set_index(outer_key).geometry.loc[inner[key]].to_numpy()
    return bool(shapely.covers(around, inner.geometry.to_numpy()).all())


def test_there_are_as_many_as_promised(banner: Banner) -> None:
    assert len(banner.communities) == 13
    assert len(banner.compounds) == 104
    assert banner.communities["code"].str[:9].nunique() == 6


def test_frames_keep_their_promises(banner: Banner) -> None:
    frames.check(banner.communities, frames.COMMUNITIES)
    frames.check(banner.compounds, frames.COMPOUNDS)
    for frame in (banner.buildings, banner.streets, banner.places):
        assert frame.crs.to_string() == crs.STORAGE_CRS
        assert frame.geometry.is_valid.all()


def test_the_real_codes_and_names_stand(banner: Banner) -> None:
    names = banner.communities.set_index("code")["name"]
    assert names["150625100002"] == "团结社区"
    assert names["150625101001"] == names["150625103001"] == "向阳社区"
    aliases = banner.communities.set_index("code")["aliases"]
    assert "长青" in aliases["150625104001"].split("|")


def test_communities_of_a_town_form_a_coverage_without_holes(banner: Banner) -> None:
    for _, own in banner.communities.groupby("town_code"):
        polygons = own.geometry.to_numpy()
        assert shapely.coverage_is_valid(polygons)
        town = shapely.coverage_union_all(polygons)
        assert town.geom_type == "Polygon"
        assert len(town.interiors) == 0


def test_coordinates_are_rounded_to_the_stored_resolution(banner: Banner) -> None:
    for frame in (banner.communities, banner.compounds, banner.buildings):
        xy = shapely.get_coordinates(frame.geometry.to_numpy())
        assert np.array_equal(xy, np.round(xy, 7))


def test_compounds_lie_in_their_community_and_apart(banner: Banner) -> None:
    assert _inside(banner.compounds, "community_code", banner.communities, "code")
    one, other = banner.compounds.sindex.query(banner.compounds.geometry, predicate="intersects")
    assert np.array_equal(one, other)


def test_buildings_lie_in_their_compound_and_apart(banner: Banner) -> None:
    assert _inside(banner.buildings, "compound_id", banner.compounds, "external_id")
    one, other = banner.buildings.sindex.query(banner.buildings.geometry, predicate="intersects")
    assert np.array_equal(one, other)


def test_every_compound_has_buildings_with_names_of_their_own(banner: Banner) -> None:
    assert set(banner.buildings["compound_id"]) == set(banner.compounds["external_id"])
    assert not banner.buildings.duplicated(["compound_id", "name"]).any()
    assert {"1号楼", "1排"} <= set(banner.buildings["name"])


def test_slabs_have_the_size_of_slabs_and_face_south(banner: Banner) -> None:
    slabs = banner.buildings[banner.buildings["kind"] == "slab"]
    ring = shapely.get_coordinates(crs.to_metric(slabs.geometry.to_numpy())).reshape(-1, 5, 2)
    front, side = ring[:, 1] - ring[:, 0], ring[:, 3] - ring[:, 0]
    depth_m, length_m = np.hypot(*side.T), np.hypot(*front.T)
    assert ((depth_m > 11) & (depth_m < 15)).mean() > 0.98
    assert ((length_m > 24) & (length_m < 72)).mean() > 0.98
    assert (np.abs(np.degrees(np.arctan2(front[:, 1], front[:, 0]))) < 45).all()


def test_names_are_as_confusing_as_in_real_towns(banner: Banner) -> None:
    compounds = banner.compounds
    twice = compounds[compounds["name"] == "幸福小区"]
    assert len(twice) == twice["community_code"].nunique() == 2
    assert {"鑫园小区", "新园小区", "馨园小区", "金鼎小区", "金鼎花园"} <= set(compounds["name"])
    example = compounds[compounds["name"] == "金鼎小区"]
    assert example["community_code"].tolist() == ["150625100002"]
    granary = compounds.set_index("name").loc["粮食局家属楼"]
    assert granary["kind"] == "work_unit"
    assert "老粮库楼" in granary["aliases"].split("|")


def test_kinds_and_public_places_of_a_town_are_there(banner: Banner) -> None:
    kinds = {"commodity", "work_unit", "bungalow", "resettlement", "mixed"}
    assert set(banner.compounds["kind"]) == kinds
    wanted = {"school", "field", "market", "park", "hospital", "government", "office", "bank"}
    assert wanted <= set(banner.places["kind"])
    assert banner.places["address"].str.fullmatch(r".+(镇|苏木).+(街|路|道)\d+号").all()


def test_every_town_lies_inside_the_real_outline(banner: Banner) -> None:
    assert shapely.covers(outline(), banner.communities.geometry.to_numpy()).all()


@pytest.mark.parametrize("seed", [0, 7])
def test_other_seeds_keep_the_promises_too(seed: int) -> None:
    ground = make_places(seed=seed)
    assert (len(ground.communities), len(ground.compounds)) == (13, 104)
    assert set(ground.communities.geom_type) == {"Polygon"}
    assert _inside(ground.compounds, "community_code", ground.communities, "code")
    assert _inside(ground.buildings, "compound_id", ground.compounds, "external_id")


def test_ten_times_the_banner_has_ten_times_the_ground() -> None:
    ground = make_places(size=10)
    codes = ground.communities["code"]
    assert len(codes) == codes.nunique() == 130
    assert codes.str.fullmatch(r"150625[123]\d{2}(0[0-9]{2}|1[0-9]{2})").all()
    assert len(ground.compounds) == 1040
    further = ground.communities[~codes.str[:9].isin([t.code for t in ground.towns[:6]])]
    assert further["name"].str.startswith("示范").all()
    assert all(
        shapely.coverage_is_valid(own.geometry.to_numpy())
        for _, own in ground.communities.groupby("town_code")
    )
    one, other = ground.communities.sindex.query(ground.communities.geometry, predicate="overlaps")
    assert len(one) == len(other) == 0
    assert shapely.covers(outline(), ground.communities.geometry.to_numpy()).all()
    flats = (ground.buildings["units"] * ground.buildings["floors"]).mul(
        ground.buildings["rooms_per_floor"]
    )
    assert flats.sum() >= 220_000


@pytest.mark.parametrize("size", [0, -1, 201])
def test_a_size_that_is_not_made_is_refused(size: int) -> None:
    with pytest.raises(SizeError, match=f"is {size}; give a whole number"):
        make_places(size=size)
