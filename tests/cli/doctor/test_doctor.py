"""`enlarger doctor` on real databases, folders, buckets and services, whole and broken."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from math import inf
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from enlarger.all_settings import load_settings
from enlarger.cli.app import app
from enlarger.cli.doctor import database, disk, providers, public_url, settings, storage
from enlarger.cli.doctor.check import Check, examine
from enlarger.cli.doctor.checks import CHECKS
from enlarger.cli.doctor.finding import Finding, Status
from enlarger.cli.doctor.show import diagnose
from enlarger.cli.doctor.site import Site
from enlarger.cli.output import Output, Style
from enlarger.cli.service_parts import whole_service
from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.logs import set_up_logs
from enlarger.infra.postgres import EmbeddedPostgres
from enlarger.server import Service, create_app, serve
from tests.cli.loopback import Reply, serving
from tests.s3 import SECRET
from tests.waiting import until

pytestmark = pytest.mark.integration

_HEAD = {"Content-Type": "application/json"}
_MUST_BE_OK = {"settings", "python", "cpu", "weights", "data directory", "database", "migrations", "clock", "storage"}


_QUICK = [check for check in CHECKS if check.name != "gpu"]
"""Without the one that starts a process which imports every engine."""


@pytest.fixture
async def stopped(tmp_path: Path) -> DataDirectory:
    """A data directory with an embedded database that does not run."""
    data = DataDirectory(tmp_path / "data")
    data.prepare()
    async with EmbeddedPostgres(data.postgres).running():
        pass
    return data


async def examined(run: Callable[[Site], Awaitable[Finding]]) -> Finding:
    """What one check finds, run as the doctor does."""
    async with Site() as site:
        ((outcome, _),) = [told async for told in examine([Check("one", run, seconds=120)], site)]
    return Finding(outcome.status, outcome.found, outcome.remedy)


def read(text: str) -> dict[str, dict[str, Any]]:
    """The document's findings by the checks' names."""
    document = json.loads(text)
    assert all(check["remedy"] for check in document["checks"] if check["status"] != "ok")
    return {check["name"]: check for check in document["checks"]}


async def test_a_service_that_runs_is_examined_and_not_disturbed(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setattr(database, "_SLOW_SECONDS", inf)  # other work may keep this machine busy
    async with whole_service(load_settings(port=0)) as running:
        monkeypatch.setenv("ENLARGER_PUBLIC_URL", running.url)
        result = await asyncio.to_thread(CliRunner().invoke, app, ["doctor", "--json"])
        assert DataDirectory(tmp_path / "data").holder() is not None
    found = read(result.stdout)
    assert list(found) == [check.name for check in CHECKS]
    assert {name: found[name]["found"] for name in _MUST_BE_OK if found[name]["status"] != "ok"} == {}
    assert result.exit_code == 0
    assert running.url in found["service"]["found"]
    assert found["provider local"]["status"] == "ok"
    assert found["provider kie"]["status"] == "skipped"
    assert (found["public url"]["status"], found["public url"]["found"]) == (
        "warning", f"{running.url} is not encrypted.",
    )  # fmt: skip
    assert found["webhooks"]["status"] == "ok"
    assert list((tmp_path / "data" / "files").glob("doctor-*")) == []


async def test_a_machine_without_any_service_is_well_and_nothing_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await diagnose(_QUICK, Site(), Output(Style.JSON)) == 0
    found = read(capsys.readouterr().out)
    assert found["database"]["status"] == found["storage"]["status"] == "skipped"
    assert not (tmp_path / "data").exists()


async def test_everything_broken_is_told_at_once_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs("critical")  # as the command does
    (tmp_path / "data").write_text("no folder")
    for name, value in {
        "DATABASE_URL": "postgresql://enlarger:hunter2@127.0.0.1:1/none",
        "ENLARGER_PORT": "hunter2",
        "ENLARGER_PRT": "hunter2",
        "ENLARGER_PUBLIC_URL": "https://user:hunter2@127.0.0.1:1",
        "ENLARGER_STORAGE_URL": "s3://user:hunter2@bucket/path",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ALLOW_HTTP": "1",
        "KIE_API_KEY": "hunter2",
        "ENLARGER_KIE_BASE_URL": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    assert await diagnose(_QUICK, Site(), Output(Style.JSON)) == 1
    out, err = capsys.readouterr()
    assert "hunter2" not in out + err
    found = read(out)
    bad = {name for name, check in found.items() if check["status"] == "failed"}
    assert bad == {"settings", "data directory", "database", "storage", "provider kie", "public url", "webhooks"}
    assert found["settings"]["found"] == "ENLARGER_PORT: it must be a whole number. ENLARGER_PRT is not a setting."
    assert "ENLARGER_PORT instead of ENLARGER_PRT" in found["settings"]["remedy"]


async def test_an_embedded_database_that_is_stopped_is_examined_and_stopped_again(stopped: DataDirectory) -> None:
    async with Site() as site:
        checks = [Check("database", database.check_database, 120), Check("migrations", database.check_migrations, 120)]
        found = [outcome async for outcome, _ in examine(checks, site)]
        assert (stopped.postgres / "postmaster.pid").exists()
    assert [one.status for one in found] == [Status.OK, Status.OK]
    assert "(embedded)" in found[0].found
    assert "The database is empty" in found[1].found  # and was not made by the doctor
    assert not (stopped.postgres / "postmaster.pid").exists()
    assert stopped.holder() is None


async def test_a_doctor_that_is_interrupted_leaves_no_database_running(stopped: DataDirectory) -> None:
    async def look() -> None:
        async with Site() as site:
            await site.database_url()

    async def is_held() -> bool:
        return stopped.holder() is not None or looking.done()

    looking = asyncio.create_task(look())
    await until(is_held)  # its start has begun
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    assert not (stopped.postgres / "postmaster.pid").exists()
    assert stopped.holder() is None


async def test_an_embedded_database_that_cannot_start_says_why(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path / "data")
    data.prepare()
    data.postgres.mkdir()
    (data.postgres / "PG_VERSION").write_text("9\n")
    finding = await examined(database.check_database)
    assert finding.status is Status.FAILED
    assert "was made by Postgres 9" in finding.found
    assert (await examined(database.check_migrations)).status is Status.SKIPPED


async def test_a_schema_of_a_newer_version_is_found_and_left_alone(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")
        assert (await examined(database.check_migrations)).status is Status.FAILED
        assert await connection.fetchval("SELECT version_num FROM alembic_version") == "9999"
    finally:
        await connection.close()


@pytest.mark.usefixtures("bucket")
async def test_a_bucket_is_written_read_and_cleared_again(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENLARGER_STORAGE_URL", f"s3://{bucket}/pictures")
    finding = await examined(storage.check_storage)
    assert (finding.status, finding.found) == (
        Status.OK, f"s3://{bucket}/pictures: a file was stored, read and removed.",
    )  # fmt: skip
    monkeypatch.setenv("ENLARGER_STORAGE_URL", "s3://no-such-bucket")
    finding = await examined(storage.check_storage)
    assert finding.status is Status.FAILED
    assert SECRET not in f"{finding}"


@pytest.mark.parametrize("made", [False, True])
async def test_a_folder_of_no_service_is_not_made_into_one(
    made: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pictures"
    if made:
        folder.mkdir()
    monkeypatch.setenv("ENLARGER_STORAGE_URL", str(folder))
    finding = await examined(storage.check_storage)
    assert finding.status is Status.WARNING
    assert "mounted" in str(finding.remedy)
    assert (list(folder.iterdir()) if made else folder.exists()) in ([], False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_data_directory_of_another_user_says_so(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path / "data")
    data.prepare()
    data.files.chmod(0o500)
    finding = await examined(disk.check_data_directory)
    assert finding.status is Status.FAILED
    assert "chown" in str(finding.remedy)


async def test_a_folder_that_is_somebody_elses_is_no_data_directory(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "photo.jpg").touch()
    assert (await examined(disk.check_data_directory)).status is Status.FAILED


async def test_a_public_url_that_leads_to_this_service_is_told_from_another_ones(
    service: Service, database_url: str, databases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    async with serve(create_app(service), host="127.0.0.1", port=0) as url:
        monkeypatch.setenv("ENLARGER_PUBLIC_URL", url)
        assert "is not encrypted" in (await examined(public_url.check_public_url)).found
        connection = await asyncpg.connect(database_url)
        try:
            await connection.execute("UPDATE secrets SET value = decode(repeat('00', 32), 'hex')")
        finally:
            await connection.close()
        finding = await examined(public_url.check_public_url)
    assert finding.status is Status.FAILED
    assert "another database" in finding.found


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ((302, {"Location": "https://login.example.com/?key=hunter2"}, b""), "302 to https://login.example.com/,"),
        ((200, {}, b"<h1>It works!</h1>"), "answers 200, not as a service does"),
        ((502, _HEAD, b"{}"), "answers 502"),
    ],
)
async def test_a_proxy_that_answers_itself_is_no_service(
    reply: Reply, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(lambda _: reply) as url:
        monkeypatch.setenv("ENLARGER_PUBLIC_URL", url)
        finding = await examined(public_url.check_public_url)
        hooks = await examined(public_url.check_webhooks)
    assert (finding.status, hooks.status) == (Status.FAILED, Status.FAILED)
    assert words in finding.found
    assert "hunter2" not in finding.found


async def test_a_key_that_a_provider_rejects_fails_its_check(monkeypatch: pytest.MonkeyPatch) -> None:
    rejection = json.dumps({"code": 401, "msg": "You do not have access permissions"}).encode()
    with serving(lambda _: (200, _HEAD, rejection)) as url:
        monkeypatch.setenv("KIE_API_KEY", "hunter2")
        monkeypatch.setenv("ENLARGER_KIE_BASE_URL", url)
        finding = await examined(providers.check_provider("kie"))
    assert finding.status is Status.FAILED
    assert "KIE_API_KEY" in f"{finding.found} {finding.remedy}"
    assert "hunter2" not in f"{finding}"


async def test_routes_that_are_wrong_are_a_setting_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await examined(settings.check_settings)).status is Status.OK
    monkeypatch.setenv("ENLARGER_ROUTES", "kei")
    finding = await examined(settings.check_settings)
    assert finding.status is Status.FAILED
    assert "'kei', which is no provider" in finding.found


async def test_a_service_that_cannot_reach_its_storage_is_told_what_is_wrong(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path / "data")
    sick = json.dumps({"status": "unavailable", "database": "ok", "storage": "The disk is full."}).encode()
    with serving(lambda _: (503, _HEAD, sick)) as url, data.hold():
        data.announce(url, "hunter2")
        finding = await examined(disk.check_service)
    assert finding.status is Status.FAILED
    assert "storage: The disk is full." in finding.found
    assert "hunter2" not in f"{finding}"
