"""The embedded Postgres: made, taken over, healed, and clear about what is in its way."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

import enlarger
from enlarger.errors import PostgresError
from enlarger.infra.postgres import EmbeddedPostgres
from enlarger.infra.postgres.binaries import Account, data_argument, find_account, find_programs
from tests.waiting import until

pytestmark = pytest.mark.integration  # processes of its own


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A cluster that is stopped in the end, whatever the test did to it."""
    server = EmbeddedPostgres(tmp_path / "postgres")
    yield server
    if (tmp_path / "postgres").is_dir():
        await server.stop()


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postmaster.pid").read_text().split("\n", 1)[0]))


def ended(process: psutil.Process) -> bool:
    """Whether a process is gone; where nobody collects orphans, as in many containers, it stays as a zombie."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


async def query(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_it_runs_for_the_length_of_a_block_and_keeps_its_data(tmp_path: Path, cluster: EmbeddedPostgres) -> None:
    async with cluster.running() as url:
        await query(url, "CREATE TABLE kept AS SELECT 7 AS value")
        process = postmaster(tmp_path / "postgres")
    assert ended(process)
    async with cluster.running() as url:
        assert await query(url, "SELECT value FROM kept") == 7


async def test_nothing_but_its_socket_is_listened_on(cluster: EmbeddedPostgres, tmp_path: Path) -> None:
    async with cluster.running():
        assert not [
            c for c in postmaster(tmp_path / "postgres").net_connections("inet") if c.status == psutil.CONN_LISTEN
        ]
        assert (tmp_path / "postgres").stat().st_mode & 0o077 == 0


async def test_a_killed_server_is_started_again_and_nothing_committed_is_lost(
    tmp_path: Path, cluster: EmbeddedPostgres
) -> None:
    async with cluster.running() as url:
        await query(url, "CREATE TABLE kept AS SELECT 7 AS value")
        killed = postmaster(tmp_path / "postgres")
        killed.kill()

        async def answers() -> bool:
            try:
                return await query(url, "SELECT value FROM kept") == 7
            except (OSError, asyncpg.PostgresError):
                return False

        await until(answers)
        assert postmaster(tmp_path / "postgres").pid != killed.pid


async def test_a_server_that_outlived_its_parent_is_taken_over(tmp_path: Path, cluster: EmbeddedPostgres) -> None:
    await cluster.start()
    orphan = postmaster(tmp_path / "postgres")
    async with EmbeddedPostgres(tmp_path / "postgres").running() as url:
        assert postmaster(tmp_path / "postgres").pid == orphan.pid
        assert await query(url, "SELECT 1") == 1
    assert ended(orphan)


async def test_what_a_kill_left_behind_does_not_keep_it_from_starting(
    tmp_path: Path, cluster: EmbeddedPostgres
) -> None:
    await cluster.start()
    postmaster(tmp_path / "postgres").kill()
    async with cluster.running() as url:
        assert await query(url, "SELECT 1") == 1


async def test_a_pid_that_now_belongs_to_another_program_is_not_taken_for_postgres(
    tmp_path: Path, cluster: EmbeddedPostgres
) -> None:
    async with cluster.running():
        content = (tmp_path / "postgres" / "postmaster.pid").read_text()
    stale = "\n".join([str(os.getpid()), *content.split("\n")[1:]])
    (tmp_path / "postgres" / "postmaster.pid").write_text(stale)
    async with cluster.running() as url:
        assert await query(url, "SELECT 1") == 1


async def test_an_interrupted_making_leaves_nothing_half_made(
    tmp_path: Path, cluster: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = subprocess.call

    def die(command: list[str], **options: Any) -> int:
        if command[0].endswith("initdb"):
            real([*command, "--no-sync"], **options)
            raise KeyboardInterrupt
        return int(real(command, **options))

    monkeypatch.setattr(subprocess, "call", die)
    with pytest.raises(KeyboardInterrupt):
        cluster._make()
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    async with cluster.running() as url:
        assert await query(url, "SELECT 1") == 1


async def test_a_path_too_long_for_a_socket_is_gone_around(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    server = EmbeddedPostgres(folder / "postgres")
    async with server.running() as url:
        assert await query(url, "SELECT 1") == 1
        link = server._socket_folder()
        assert link.is_symlink()
    assert not link.is_symlink()


async def test_two_paths_too_long_for_a_socket_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with pytest.raises(PostgresError, match=r"too long for a socket.*choose a shorter --data-dir"):
        await EmbeddedPostgres(folder / "postgres").start()


async def test_a_link_of_somebody_else_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    server = EmbeddedPostgres(folder / "postgres")
    link = server._socket_folder()
    link.unlink()
    link.symlink_to(tmp_path)
    try:
        with pytest.raises(PostgresError, match=r"is in the way and not ours"):
            await server.start()
    finally:
        link.unlink()


async def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 10 << 20})())
    with pytest.raises(PostgresError, match=r"is full \(10 MiB free, and Postgres needs 256\): free some space"):
        await EmbeddedPostgres(tmp_path / "postgres").start()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="a small disk can be made by root only")
async def test_a_disk_that_fills_up_while_the_cluster_is_made_is_named(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.call(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)], stderr=subprocess.DEVNULL):
        pytest.skip("this container may not mount")
    try:
        with pytest.raises(PostgresError, match=r"is full"):
            await EmbeddedPostgres(disk / "postgres", needed_free=1 << 20).start()
        assert list(disk.iterdir()) == []
    finally:
        subprocess.check_call(["umount", str(disk)])


async def test_foreign_folders_and_versions_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "holiday.jpg").touch()
    with pytest.raises(PostgresError, match=r"is not a Postgres cluster and not empty"):
        await EmbeddedPostgres(folder).start()
    (folder / "PG_VERSION").write_text("12\n")
    with pytest.raises(PostgresError, match=r"was made by Postgres 12 and this version of Enlarger runs 18"):
        await EmbeddedPostgres(folder).start()


async def test_another_users_cluster_is_refused(tmp_path: Path, cluster: EmbeddedPostgres) -> None:
    async with cluster.running():
        pass
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(tmp_path / "postgres", 12345, 12345)
    with pytest.raises(PostgresError, match=r"belongs to another user \(uid 12345"):
        await cluster.start()
    shutil.rmtree(tmp_path / "postgres")


@pytest.mark.skipif(os.geteuid() != 0, reason="about being root")
async def test_root_hands_it_to_an_account_that_may_not_enter_the_folder(tmp_path: Path) -> None:
    account = find_account()
    assert account is not None
    assert account.name == pwd.getpwuid(account.uid).pw_name
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    assert not account.can_enter(private)
    assert data_argument(private / "postgres", account) == "/proc/self/cwd"
    async with EmbeddedPostgres(private / "postgres").running() as url:
        assert await query(url, "SELECT current_setting('data_directory')") == "/proc/self/cwd"
        assert postmaster(private / "postgres").uids().real == account.uid


@pytest.mark.skipif(os.geteuid() != 0, reason="about being root")
async def test_root_copies_programs_that_the_account_cannot_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = find_account()
    assert account is not None
    copies = Path("/var/tmp") / f"enlarger-test-{os.getpid()}"
    copies.mkdir(mode=0o755)
    monkeypatch.setattr("enlarger.infra.postgres.binaries._COPIES", copies)
    monkeypatch.setattr(Account, "can_enter", lambda self, folder: False)
    try:
        programs = find_programs(account)
        assert programs.is_relative_to(copies)
        assert find_programs(account) == programs
        async with EmbeddedPostgres(tmp_path / "postgres").running() as url:
            assert await query(url, "SELECT 1") == 1
    finally:
        shutil.rmtree(copies)


@pytest.mark.skipif(os.geteuid() != 0, reason="a user cannot become another one")
def test_a_user_runs_it_without_another_account(tmp_path: Path) -> None:
    """The same as an unprivileged user, in a process that gave its privileges up."""
    if not all(place.stat().st_mode & stat.S_IXOTH for place in Path(enlarger.__file__).parents):
        pytest.skip("this checkout is in a folder that other users cannot enter")
    user = pwd.getpwnam("nobody")
    folder = Path("/var/tmp") / f"enlarger-user-{os.getpid()}"
    folder.mkdir(mode=0o700)
    os.chown(folder, user.pw_uid, user.pw_gid)
    script = (
        "import asyncio, concurrent.futures.thread, os, sys\n"
        f"sys.path[:0] = {[path for path in sys.path if path]!r}\n"
        "from pathlib import Path\n"
        "import asyncpg\n"
        "from enlarger.infra.postgres import EmbeddedPostgres\n"
        f"os.setgroups([]); os.setgid({user.pw_gid}); os.setuid({user.pw_uid})\n"
        "async def main():\n"
        f"    async with EmbeddedPostgres(Path({str(folder)!r}) / 'postgres').running() as url:\n"
        "        print(await (await asyncpg.connect(url)).fetchval('SELECT 1'))\n"
        "asyncio.run(main())\n"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, cwd="/", timeout=60, check=False
        )
        assert done.stdout.strip() == "1", done.stderr
    finally:
        shutil.rmtree(folder)


async def test_stopping_is_possible_in_the_middle_of_a_restart(tmp_path: Path, cluster: EmbeddedPostgres) -> None:
    async with cluster.running():
        os.kill(postmaster(tmp_path / "postgres").pid, signal.SIGKILL)
        await asyncio.sleep(0)
    assert cluster._status() is False
