"""PostgreSQL's programs on this machine: where they lie, which version, with PostGIS or not."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.errors import UnavailableError

# Where packages put the programs: Debian, Red Hat (its own and the PostgreSQL project's), source
# builds, Homebrew on Apple and Intel machines, Postgres.app.
PATTERNS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/bin",
    "usr/local/pgsql/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
    "opt/homebrew/bin",
    "usr/local/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)
EXTENSIONS = ("postgis", "btree_gist")


class PostgresMissingError(UnavailableError):
    """No PostgreSQL server on this machine."""

    code = "postgres.missing"
    zh = (
        "本机没有 PostgreSQL 服务器程序（已查找：{searched}）。请安装："
        "Debian/Ubuntu 执行 apt-get install postgresql-postgis；macOS 执行 brew install postgis。"
        "也可用 BANNERGRID_DATABASE_URL 指定已有的服务器。"
    )
    en = (
        "There is no PostgreSQL server on this machine (looked in: {searched}). Install it: "
        "apt-get install postgresql-postgis on Debian/Ubuntu, brew install postgis on macOS. "
        "Or name a server of your own with BANNERGRID_DATABASE_URL."
    )


class PostgisMissingError(UnavailableError):
    """PostgreSQL is there, the extensions that the product needs are not."""

    code = "postgis.missing"
    zh = (
        "本机有 PostgreSQL {major}（{folder}），但缺少扩展 {extensions}。请安装："
        "Debian/Ubuntu 执行 apt-get install postgresql-{major}-postgis-3；"
        "macOS 执行 brew install postgis。"
    )
    en = (
        "PostgreSQL {major} is here ({folder}) but without {extensions}. Install it: "
        "apt-get install postgresql-{major}-postgis-3 on Debian/Ubuntu, brew install postgis "
        "on macOS."
    )


class ClientTooOldError(UnavailableError):
    """No `pg_dump` on this machine can read a server as new as that."""

    code = "postgres.client_too_old"
    zh = (
        "服务器是 PostgreSQL {server}，本机的 pg_dump/pg_restore 版本为：{found}。"
        "请安装 {server} 或更新的客户端：apt-get install postgresql-client-{server}。"
    )
    en = (
        "The server is PostgreSQL {server}; pg_dump/pg_restore on this machine: {found}. Install "
        "a client as new as the server: apt-get install postgresql-client-{server}."
    )


@dataclass(frozen=True)
class Programs:
    """The programs of one PostgreSQL in one folder.

    Parameters
    ----------
    folder : Path
        Holds `postgres`, `initdb`, `pg_dump`, `pg_restore`, or only the latter two.
    major : int
        Major version, as in `PG_VERSION` of a cluster.
    server : bool
        Whether a cluster can be made and run with them.
    lacking : tuple of str
        Extensions that the product needs and this PostgreSQL does not have.
    """

    folder: Path
    major: int
    server: bool
    lacking: tuple[str, ...]

    def path(self, name: str) -> str:
        """Give the full path of one program."""
        return str(self.folder / name)


def environment() -> dict[str, str]:
    """Give this process's environment without libpq's variables and with English messages.

    A `PGDATA`, `PGPORT` or `PGOPTIONS` meant for another server must not bend our own.

    Returns
    -------
    dict of str
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


def folders(root: Path = Path("/")) -> list[Path]:
    """List the folders that may hold PostgreSQL's programs on this machine.

    Parameters
    ----------
    root : Path
        What the known places are looked up under.

    Returns
    -------
    list of Path
        The folder that `pg_config` names comes first; each folder once.
    """
    named: list[Path] = []
    config = shutil.which("pg_config")
    if config is not None:
        said = _said(config, "--bindir")
        named = [Path(said)] if said else []
    known = (folder for pattern in PATTERNS for folder in sorted(root.glob(pattern)))
    return list(dict.fromkeys([*named, *known]))


def installed(search: Sequence[Path] | None = None) -> list[Programs]:
    """Find every PostgreSQL on this machine, client-only ones too.

    Parameters
    ----------
    search : sequence of Path, optional
        Folders to look in instead of those of `folders`.

    Returns
    -------
    list of Programs
        Newest first; of one version, a server before a mere client.
    """
    looked = folders() if search is None else search
    found = [programs for folder in looked if (programs := _look(folder)) is not None]
    return sorted(found, key=lambda one: (-one.major, not one.server, len(one.lacking)))


def newest(search: Sequence[Path] | None = None) -> Programs:
    """Choose the newest PostgreSQL server that has PostGIS.

    Parameters
    ----------
    search : sequence of Path, optional
        Folders to look in instead of those of `folders`.

    Returns
    -------
    Programs

    Raises
    ------
    PostgresMissingError
        If no folder holds a server.
    PostgisMissingError
        If servers are there but none with PostGIS; names the newest.
    """
    servers = [one for one in installed(search) if one.server]
    if not servers:
        looked = folders() if search is None else search
        raise PostgresMissingError(searched=", ".join(map(str, looked)) or "-")
    complete = [one for one in servers if not one.lacking]
    if not complete:
        raise without_postgis(servers[0])
    return complete[0]


def without_postgis(programs: Programs) -> PostgisMissingError:
    """Make the error that names a PostgreSQL and the extensions it lacks."""
    return PostgisMissingError(
        major=programs.major,
        folder=programs.folder,
        extensions=", ".join(programs.lacking),
    )


def client(server_major: int, search: Sequence[Path] | None = None) -> Programs:
    """Choose a `pg_dump` and `pg_restore` for a server: of its version, else the next newer.

    Parameters
    ----------
    server_major : int
        Major version of the server.
    search : sequence of Path, optional
        Folders to look in instead of those of `folders`.

    Returns
    -------
    Programs

    Raises
    ------
    ClientTooOldError
        If there is none as new as the server; names those found.
    """
    found = [one for one in reversed(installed(search)) if _has(one.folder, "pg_dump")]
    for one in found:
        if one.major >= server_major:
            return one
    listed = ", ".join(str(one.major) for one in found) or "-"
    raise ClientTooOldError(server=server_major, found=listed)


def _look(folder: Path) -> Programs | None:
    server = _has(folder, "postgres") and _has(folder, "initdb")
    if not server and not _has(folder, "pg_dump"):
        return None
    # "postgres (PostgreSQL) 15.8 (Debian ...)": the number after the closing bracket.
    said = _said(str(folder / ("postgres" if server else "pg_dump")), "--version")
    match = re.search(r"\(PostgreSQL\) (\d+)", said)
    if match is None:
        return None
    major = int(match[1])
    shares = list(_shares(folder, major))
    lacking = tuple(
        name
        for name in EXTENSIONS
        if not any((share / "extension" / f"{name}.control").is_file() for share in shares)
    )
    return Programs(folder=folder, major=major, server=server, lacking=lacking)


def _shares(folder: Path, major: int) -> Iterator[Path]:
    if _has(folder, "pg_config"):
        said = _said(str(folder / "pg_config"), "--sharedir")
        if said:
            yield Path(said)
            return
    # Without pg_config (it is in a development package on some systems): the usual places.
    above = folder.parent
    yield from (above / "share/postgresql", above / "share/pgsql", above / "share")
    yield from (Path(f"/usr/share/postgresql/{major}"), Path(f"/usr/pgsql-{major}/share"))


def _has(folder: Path, name: str) -> bool:
    return os.access(folder / name, os.X_OK)


def _said(program: str, option: str) -> str:
    try:
        answer = subprocess.run(  # noqa: S603 - a program found on this machine, a fixed option
            [program, option],
            capture_output=True,
            check=False,
            cwd="/",
            env=environment(),
            text=True,
        )
    except OSError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
