"""A place through the months and a month's spots, as a picture and as a page that carries it."""

import base64
import io
import re

import httpx
import numpy as np
import pytest
from PIL import Image

from layers import measured
from layers.styles import MEASURES
from tests.geo.coverage import small_world as world

OF = ("coverage", "incidents")
ZH = {"Accept-Language": "zh"}


def page(desk: httpx.Client, address: str, **asked: str) -> str:
    answer = desk.get(address, params={"format": "html", **asked}, headers=ZH)
    assert answer.status_code == 200, answer.text
    assert "://" not in answer.text  # it asks nobody for anything
    return answer.text


def rows_of(text: str) -> list[list[str]]:
    body = re.search(r"<tbody>(.*?)</tbody>", text, re.DOTALL)
    lines = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL) if body else []
    return [re.findall(r"<td>(.*?)</td>", line) for line in lines]


def picture_of(text: str) -> bytes:
    found = re.search(r"base64,([^\"]+)", text)
    assert found
    return base64.b64decode(found[1])


@pytest.mark.parametrize("measure", MEASURES)
def test_the_page_of_a_place_says_month_by_month_what_the_json_says(
    desk: httpx.Client, measure: str
) -> None:
    told = desk.get(f"/v1/series/{world.A}").json()["months"]
    text = page(desk, f"/v1/series/{world.A}", measure=measure)
    wanted = [
        "不公布"
        if measure in (month["withheld"] or "").split()
        else measured.written(measure, np.nan if month[measure] is None else month[measure])
        for month in reversed(told)
    ]
    # Of few closings nothing is told; where none is closed there is nothing.
    assert ("不公布" in wanted) == (measure == "solved_in_grid")
    assert [row[1] for row in rows_of(text)] == wanted
    assert "合成数据" in text
    alone = desk.get(
        f"/v1/series/{world.A}", params={"format": "png", "measure": measure}, headers=ZH
    )
    assert picture_of(text) == alone.content


@pytest.mark.parametrize("code", [world.ONE, "150625100", "150625"])
def test_communities_towns_and_the_banner_have_pictures(desk: httpx.Client, code: str) -> None:
    pictures = [
        desk.get(
            f"/v1/series/{code}", params={"format": "png"}, headers={"Accept-Language": tongue}
        )
        for tongue in ("zh", "en")
    ]
    assert {one.headers["content-type"] for one in pictures} == {"image/png"}
    assert pictures[0].content != pictures[1].content
    with Image.open(io.BytesIO(pictures[0].content)) as image:
        assert min(image.size) > 1000


@pytest.mark.parametrize("measure", MEASURES)
def test_a_hidden_place_says_so_and_no_number(desk: httpx.Client, measure: str) -> None:
    text = page(desk, f"/v1/series/{world.B}", measure=measure)
    assert rows_of(text) == []
    assert "户数或件数过少，各月数字均不公布。" in text
    english = desk.get(
        f"/v1/series/{world.B}", params={"format": "html", "measure": measure, "language": "en"}
    )
    assert rows_of(english.text) == []
    assert "Too few are counted: no figures of any month are published." in english.text


def test_spots_are_drawn_over_what_they_are_spots_of(desk: httpx.Client) -> None:
    both = {of: page(desk, "/v1/hotspots", of=of, month="2026-10") for of in OF}
    assert picture_of(both["coverage"]) != picture_of(both["incidents"])
    for text in both.values():
        assert "本月没有冷点或热点。" in text
    alone = desk.get("/v1/hotspots", params={"format": "png", "month": "2026-10"}, headers=ZH)
    assert alone.content == picture_of(both["coverage"])


def test_a_measure_that_is_none_is_refused(desk: httpx.Client) -> None:
    answer = desk.get(f"/v1/series/{world.A}", params={"format": "png", "measure": "cadre"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "measure"


@pytest.mark.parametrize("address", ["/v1/series/150625", "/v1/hotspots"])
def test_a_form_that_is_none_is_refused_with_those_there_are(
    desk: httpx.Client, address: str
) -> None:
    answer = desk.get(address, params={"format": "pdf"}, headers=ZH)
    assert answer.status_code == 422
    assert "json、csv、xlsx、png、html" in answer.text


@pytest.mark.parametrize("address", [f"/v1/series/{world.A}", "/v1/hotspots"])
@pytest.mark.parametrize("form", ["png", "html"])
def test_a_picture_that_is_still_the_same_is_not_sent_again(
    desk: httpx.Client, address: str, form: str
) -> None:
    first = desk.get(address, params={"format": form}, headers=ZH)
    tag = {"If-None-Match": first.headers["etag"]}
    again = desk.get(address, params={"format": form}, headers={**ZH, **tag})
    assert (again.status_code, again.content) == (304, b"")
    other = desk.get(address, params={"format": form, "language": "en"}, headers=tag)
    assert other.status_code == 200
