import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import psycopg
import pytest

from geo.db import cluster, locks, postmaster
from geo.errors import ConflictError, UnavailableError

pytestmark = pytest.mark.slow

UserOf = Callable[[Path], AbstractContextManager["subprocess.Popen[str]"]]

WAIT_S = 120
# Takes the serve lock of argv[1] and says how that went.
SERVE = """
import sys
from pathlib import Path
from geo.db import cluster
with cluster.serve_lock(Path(sys.argv[1])):
    print("serving", flush=True)
    sys.stdin.read()
"""


def server_pid(data: Path) -> int:
    pid = cluster.cluster_status(data).pid
    assert pid is not None
    return pid


def kill_server(data: Path) -> None:
    pid = server_pid(data)
    os.kill(pid, signal.SIGKILL)
    while postmaster.is_alive(pid):
        pass


def stop_with(process: "subprocess.Popen[str]") -> None:
    process.communicate()
    assert process.returncode == 0


def test_a_new_cluster_is_made_started_and_stopped(folder: Path) -> None:
    data = folder / "new" / "数据"
    with cluster.running(data) as url:
        assert url.startswith("postgresql://bannergrid@/bannergrid?host=")
        with psycopg.connect(url) as connection:
            asked = (
                "SELECT current_database(), current_user, current_setting('server_encoding'), "
                "current_setting('listen_addresses'), current_setting('fsync'), "
                "current_setting('data_checksums'), current_setting('unix_socket_directories')"
            )
            row = connection.execute(asked).fetchone()
            assert row is not None
            assert row[:6] == ("bannergrid", "bannergrid", "UTF8", "", "on", "on")
            socket = Path(row[6].strip('"'))
            assert socket.stat().st_mode & 0o777 == 0o700
            # Code point order, and Chinese is made of letters.
            sorted_ = connection.execute(
                "SELECT array_agg(x ORDER BY x), bool_and(x ~ '^\\w+$') "
                "FROM unnest(ARRAY['建', 'a', 'B', '团']) AS x"
            ).fetchone()
            assert sorted_ == (["B", "a", "团", "建"], True)
        standing = cluster.cluster_status(data)
        assert standing.pid is not None
        assert standing.home == data
    after = cluster.cluster_status(data)
    assert after.pid is None
    assert after.major == standing.major


def test_a_path_that_libpq_would_misread_still_works(folder: Path) -> None:
    data = folder / "a,b $HOME 'x' +%41"
    with cluster.running(data) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not list(folder.glob("*/socket"))


def test_a_second_process_joins_and_the_last_one_out_stops(data: Path, user_of: UserOf) -> None:
    with user_of(data) as first:
        pid = server_pid(data)
        with user_of(data) as second:
            assert server_pid(data) == pid
            stop_with(first)
            assert server_pid(data) == pid
            stop_with(second)
    assert cluster.cluster_status(data).pid is None


def test_one_process_may_use_the_cluster_twice(data: Path) -> None:
    with cluster.running(data) as outer:
        with cluster.running(data) as inner:
            assert inner == outer
        with psycopg.connect(outer) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_many_that_start_at_once_share_one_server(data: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pids = pool.map(_pid_while_running, [data] * 4)
    assert all(pid > 0 for pid in pids)
    assert cluster.cluster_status(data).pid is None


def _pid_while_running(data: Path) -> int:
    with cluster.running(data) as url, psycopg.connect(url) as connection:
        row = connection.execute("SELECT 1").fetchone()
        assert row == (1,)
        return server_pid(data)


def test_a_user_killed_leaves_a_server_that_the_next_joins_and_stops(
    data: Path, user_of: UserOf
) -> None:
    with user_of(data) as process:
        pid = server_pid(data)
        process.kill()
        process.wait()
        assert server_pid(data) == pid
        with cluster.running(data):
            assert server_pid(data) == pid
    assert cluster.cluster_status(data).pid is None


def test_a_server_killed_recovers_with_every_committed_row(data: Path) -> None:
    with cluster.running(data) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 5000) AS n")
        open_work = psycopg.connect(url)
        open_work.execute("INSERT INTO kept SELECT 0")
        kill_server(data)
        assert cluster.cluster_status(data).pid is None
        open_work.close()
        with cluster.running(data) as again, psycopg.connect(again) as connection:
            counted = connection.execute("SELECT count(*), min(n) FROM kept").fetchone()
            assert counted == (5000, 1)


def until_answered(url: str) -> None:
    give_up = time.monotonic() + WAIT_S
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            assert time.monotonic() < give_up
            time.sleep(0.05)
        else:
            return


def test_of_several_that_watch_one_starts_a_server_that_was_killed(data: Path) -> None:
    with ExitStack() as stack:
        for _ in range(3):
            url = stack.enter_context(cluster.running(data, watched=True))
        for _ in range(2):
            # One of its children works on and does not notice that the server is gone.
            busy = psycopg.connect(url)
            busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000000)")
            kill_server(data)
            until_answered(url)
            busy.close()
        servers = [
            words
            for words in map(command_of, Path("/proc").glob("[0-9]*"))
            if "-D" in words and str(data / "postgres") in words
        ]
        assert len(servers) <= 1  # none can be told where there is no /proc
    # Nobody starts it again behind the stop.
    assert cluster.cluster_status(data).pid is None


def command_of(process: Path) -> list[str]:
    try:
        return (process / "cmdline").read_text().split("\0")
    except OSError:
        return []


def test_a_stale_pid_that_another_process_now_has_is_no_server(data: Path) -> None:
    with cluster.running(data):
        kill_server(data)
    path = data / "postgres" / "postmaster.pid"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert cluster.cluster_status(data).pid is None
    with cluster.running(data) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_an_interrupt_from_the_terminal_does_not_reach_the_server(data: Path) -> None:
    with cluster.running(data):
        pid = server_pid(data)
        assert os.getpgid(pid) != os.getpgid(0)
        assert os.getsid(pid) != os.getsid(0)


def test_a_cluster_that_was_half_made_is_made_anew(folder: Path) -> None:
    half = folder / "data" / "postgres.new"
    half.mkdir(parents=True)
    (folder / "data").chmod(0o711)
    (half / "PG_VERSION").write_text("15\n")
    with cluster.running(folder / "data") as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not half.exists()


def test_another_thing_where_the_cluster_should_be_is_left_alone(folder: Path) -> None:
    stranger = folder / "data" / "postgres" / "letters.txt"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("dear all")
    (folder / "data").chmod(0o711)
    with pytest.raises(postmaster.ClusterMakeError), cluster.running(folder / "data"):
        pass
    assert stranger.read_text() == "dear all"


@pytest.mark.parametrize("major", ["9.6", "99"])
def test_a_cluster_of_another_major_version_is_refused(data: Path, major: str) -> None:
    version = data / "postgres" / "PG_VERSION"
    real = version.read_text()
    version.write_text(f"{major}\n")
    with pytest.raises(cluster.ClusterVersionError) as caught, cluster.running(data):
        pass
    for language in ("zh", "en"):
        said = caught.value.message(language)
        assert f"PostgreSQL {major.partition('.')[0]}" in said
        assert real.strip() in said
        assert "bannergrid db backup" in said
    version.write_text(real)
    with cluster.running(data) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_server_that_cannot_start_says_the_end_of_its_log(data: Path) -> None:
    with (data / "postgres" / "postgresql.conf").open("a") as conf:
        conf.write("\nshared_buffers = plenty\n")
    with pytest.raises(postmaster.ClusterStartError) as caught, cluster.running(data):
        pass
    assert isinstance(caught.value, UnavailableError)
    assert "shared_buffers" in caught.value.message("zh")


def test_a_second_service_is_refused_with_folder_and_process(data: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "serving\n"
        assert cluster.serving(data) == holder.pid
        with pytest.raises(ConflictError) as caught, cluster.serve_lock(data):
            pass
        for language in ("zh", "en"):
            assert str(data) in caught.value.message(language)
            assert str(holder.pid) in caught.value.message(language)
        with pytest.raises(cluster.ServeRunningError):
            cluster.stop(data)
        holder.kill()
        holder.wait()
    # The kernel drops a dead holder's lock; its number in the file means nothing.
    assert cluster.serving(data) is None
    with cluster.serve_lock(data):
        assert cluster.serving(data) == os.getpid()


def test_stop_is_refused_while_others_work_and_ends_what_a_crash_left(
    data: Path, user_of: UserOf
) -> None:
    with user_of(data) as process:
        with pytest.raises(cluster.ClusterInUseError):
            cluster.stop(data)
        process.kill()
        process.wait()
        assert cluster.stop(data)
    assert not cluster.stop(data)
    assert cluster.cluster_status(data).pid is None


def test_stop_where_there_is_nothing_makes_nothing(folder: Path) -> None:
    assert not cluster.stop(folder / "none")
    assert not (folder / "none").exists()


def test_a_lock_file_that_cannot_be_opened_is_named(data: Path) -> None:
    (data / "users.lock").unlink()
    (data / "users.lock").mkdir()
    with pytest.raises(locks.LockFileError) as caught, cluster.running(data):
        pass
    (data / "users.lock").rmdir()
    assert str(data / "users.lock") in caught.value.message("zh")
