from pathlib import Path

import pytest

from layers import assets
from layers.assets import AssetNotFoundError, asset_path, asset_text, asset_url


def test_an_asset_is_found_by_its_name() -> None:
    path = asset_path("leaflet/leaflet.js")
    assert path.is_file()
    assert asset_url("leaflet/leaflet.js").startswith("/assets/leaflet/leaflet.js?v=")


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "leaflet",
        "../page.py",
        "leaflet/../../page.py",
        "/etc/passwd",
        "leaflet\\leaflet.js",
        "leaflet/leaflet.js\0",
        "..%2fpage.py",
        "nothing.js",
    ],
)
def test_whatever_leads_out_is_not_there(name: str) -> None:
    with pytest.raises(AssetNotFoundError) as caught:
        asset_path(name)
    assert "没有名为" in caught.value.message("zh")


def test_a_link_out_of_the_folder_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    folder = tmp_path / "assets"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "secret")
    monkeypatch.setattr(assets, "FOLDER", folder)
    with pytest.raises(AssetNotFoundError):
        asset_path("link")


def test_a_carried_style_sheet_brings_its_pictures() -> None:
    text = asset_text("leaflet/leaflet.css")
    assert "url(images/" not in text
    assert text.count("url(data:image/png;base64,") == 3
