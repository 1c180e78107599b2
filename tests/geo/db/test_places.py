import os
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

from geo.db import cluster, places

pytestmark = pytest.mark.slow

IS_ROOT = os.geteuid() == 0


def said_to(notices: list[str]) -> cluster.Say:
    def say(zh: str, en: str) -> None:
        notices.extend((zh, en))

    return say


def test_an_open_folder_holds_its_cluster(folder: Path) -> None:
    place = places.choose(folder / "data")
    assert place.home == folder / "data"
    assert not place.moved
    # Root drops to somebody; an ordinary user stays who he is.
    assert (place.account is not None) == IS_ROOT
    assert not (folder / "data").exists()


def test_a_closed_home_sends_roots_cluster_elsewhere_and_says_so_once(folder: Path) -> None:
    closed = folder / "home"
    closed.mkdir(mode=0o700)
    data, elsewhere = closed / "data", folder / "elsewhere"
    notices: list[str] = []
    for _ in range(2):
        with (
            cluster.running(data, elsewhere=elsewhere, say=said_to(notices)) as url,
            psycopg.connect(url) as connection,
        ):
            assert connection.execute("SELECT 1").fetchone() == (1,)
    standing = cluster.cluster_status(data, elsewhere=elsewhere)
    assert standing.major is not None
    assert data.is_dir()
    if IS_ROOT:
        assert standing.home.parent == elsewhere
        assert len(notices) == 2
        assert all(str(data) in said and str(standing.home) in said for said in notices)
    else:  # an ordinary user's own home is closed to others only
        assert standing.home == data
        assert notices == []


def test_two_data_folders_of_one_name_have_two_places_elsewhere(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / name).mkdir(mode=0o700)
    homes = {
        places.choose(folder / name / "data", elsewhere=folder / "e").home for name in ("a", "b")
    }
    assert len(homes) == 2


def test_where_elsewhere_is_closed_too_root_is_refused_with_the_way_out(folder: Path) -> None:
    closed = folder / "home"
    closed.mkdir(mode=0o700)
    if not IS_ROOT:
        assert places.choose(closed / "data", elsewhere=closed / "e").home == closed / "data"
        return
    with pytest.raises(places.ClosedFolderError) as caught:
        places.choose(closed / "data", elsewhere=closed / "e")
    for language in ("zh", "en"):
        said = caught.value.message(language)
        assert str(closed / "data") in said
        assert "--data" in said
        assert "chmod o+x" in said


def test_a_socket_path_too_long_gets_a_short_folder(folder: Path) -> None:
    fits = folder / ("n" * (places.SOCKET_PATH_BYTES - len(f"{folder}//socket/.s.PGSQL.5432")))
    too_long = fits.with_name(fits.name + "n")
    assert places.socket_folder(places.Place(fits, fits, None)) == fits / "socket"
    short = places.socket_folder(places.Place(too_long, too_long, None))
    assert short.parent == Path(tempfile.gettempdir()).resolve()
    with cluster.running(too_long) as url, psycopg.connect(url) as connection:
        row = connection.execute("SHOW unix_socket_directories").fetchone()
        assert row is not None
        assert Path(row[0].strip('"')) == short
        assert short.stat().st_mode & 0o777 == 0o700
    assert not short.exists()


def test_bytes_count_not_letters(folder: Path) -> None:
    data = folder / ("旗" * 30)
    short = places.socket_folder(places.Place(data, data, None))
    assert not short.is_relative_to(folder)


def test_a_private_folder_that_another_account_owns_is_refused(folder: Path) -> None:
    made = folder / "trap"
    made.mkdir()
    stranger = places.Account("nobody", 65534, 65534)
    account = stranger if os.geteuid() != stranger.uid else places.Account("root", 0, 0)
    with pytest.raises(places.OwnerError):
        places.private(made, account)


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_private_folder_must_be_a_folder(folder: Path, kind: str) -> None:
    path = folder / "socket"
    if kind == "file":
        path.write_text("")
    else:
        path.symlink_to(folder)
    with pytest.raises(places.FolderError):
        places.private(path, None)


def test_a_data_folder_that_is_a_file_is_refused(folder: Path) -> None:
    (folder / "data").write_text("")
    with pytest.raises(places.FolderError) as caught, cluster.running(folder / "data"):
        pass
    assert str(folder / "data") in caught.value.message("zh")


def test_the_folders_that_are_made_close_out_strangers_under_any_umask(folder: Path) -> None:
    before = os.umask(0o077)
    try:
        places.prepare(places.choose(folder / "above" / "data"))
    finally:
        os.umask(before)
    assert (folder / "above" / "data").stat().st_mode & 0o777 == (0o711 if IS_ROOT else 0o700)
    assert (folder / "above" / "data" / "log").stat().st_mode & 0o777 == 0o700
    entered = subprocess.run(["ls", str(folder / "above")], check=True, capture_output=True)
    assert entered.stdout == b"data\n"
