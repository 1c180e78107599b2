"""Sites to try things in leave nothing behind, and never work on a site's own database."""

import tempfile
from pathlib import Path

import pytest
from sqlalchemy import make_url

from geo.site import SiteClosedError
from geo.synthetic.temporary import DATABASE, temporary_site


@pytest.fixture
def temporary(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders go in this test."""
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_named_database_stays_and_its_folder_goes(
    own_database_url: str, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE, own_database_url)
    site = temporary_site()
    assert site.engine.url.database == make_url(own_database_url).database
    assert [site.settings.data] == list(temporary.iterdir())
    site.close()
    assert list(temporary.iterdir()) == []
    with pytest.raises(SiteClosedError):
        site.months()


def test_a_database_of_its_own_goes_with_it_though_the_sites_is_named(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DATABASE, raising=False)
    monkeypatch.setenv("BANNERGRID_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/theirs")
    with temporary_site() as site:
        assert repr(site) == "<Site without grids>"
        assert list(temporary.iterdir()) == [site.settings.data]
    assert list(temporary.iterdir()) == []


def test_a_site_that_cannot_be_opened_leaves_no_folder(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE, "mysql://x")
    with pytest.raises(Exception, match="PostgreSQL"):
        temporary_site()
    assert list(temporary.iterdir()) == []
