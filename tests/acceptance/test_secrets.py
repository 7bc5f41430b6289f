"""Nothing secret is told: not in logs, errors, callbacks or traces, and in the database only where it has to be.

Secrets are planted wherever there can be some, everything is done that a service does, much of it goes wrong, and then
they are looked for. `docs/operate/network-and-secrets.md` says what is kept in the clear, and names the same
columns.
"""

from __future__ import annotations

import base64
import json
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx2
import pytest

from tests.acceptance.conftest import Command, Start
from tests.acceptance.planted import Outside, Secrets, png, serving
from tests.acceptance.services import START_SECONDS
from tests.acceptance.test_service import at_work, ended, record, upload
from tests.conftest import MakePhoto
from tests.waiting import until

_CREATE = "/api/v1/jobs/createTask"
_IN_THE_CLEAR = {"tasks.callback_url", "tasks.input", "tasks.param"}
"""What a task needs until it has ended, and what its record repeats by the protocol."""


@dataclass
class App:
    """An app that uses the service, and keeps what it was told."""

    http: httpx2.AsyncClient
    outside: Outside
    refusals: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """All other replies, without what repeats the app's own words by the protocol."""
    links: list[str] = field(default_factory=list)
    good: list[str] = field(default_factory=list)
    """The ids of tasks that are to end well."""
    bad: list[str] = field(default_factory=list)

    @property
    def secrets(self) -> Secrets:
        return self.outside.secrets

    async def refused(self, method: str, path: str, **options: Any) -> None:
        """Send a request that has to be refused."""
        response = await self.http.request(method, path, **options)
        assert response.json()["code"] != 200, f"{method} {path} was not refused"
        self.refusals.append(f"{response.headers} {response.text}")

    async def create(self, picture: str, *, headers: dict[str, str] | None = None, **more: Any) -> str:
        body = {"model": "real-esrgan/fast", "input": {"image_url": picture, "upscale_factor": "2"}, **more}
        reply = (await self.http.post(_CREATE, json=body, headers=headers)).json()
        assert reply["code"] == 200, reply
        return str(reply["data"]["taskId"])


async def be_refused(app: App, bound: str) -> None:
    """All that can be wrong with a request, with secrets in it; `bound` is a key for other addresses."""
    outside, secrets = app.outside, app.secrets
    await app.refused("GET", "/v1/tasks", headers={"Authorization": f"Bearer {bound}"})
    wrong = secrets.plant("wrong key")
    for authorization in (f"Bearer {wrong}", f"Basic {wrong}", wrong):
        await app.refused("GET", "/v1/tasks", headers={"Authorization": authorization})
    await app.refused("GET", f"/v1/tasks?api_key={wrong}", headers={"Authorization": ""})
    sent = secrets.plant("what is sent by mistake")
    url = f"ftp://{sent}:{sent}@{sent}.example/{sent}?{sent}"
    photo = outside.url("good.png", what="picture", user="me")
    for content in (f'{{"model": "{sent}', f'["{sent}"]', f'{{"{sent}": {{}}}}'):
        await app.refused("POST", _CREATE, content=content)
    for input in (
        {"image_url": url},
        {"image_url": f"http://[{sent}"},
        {"image_url": f"data:image/png,{sent}"},
        {"image_url": f"data:image/png;base64,{base64.b64encode(sent.encode()).decode()}"},
        {"image_url": f"data:image/png;base64,{sent}!"},
        {"image_url": photo, "upscale_factor": photo},
        {"image_url": {"url": photo}},
        {"image_url": photo, "output_format": [photo, photo]},
    ):
        await app.refused("POST", _CREATE, json={"model": "real-esrgan/fast", "input": input})
    await app.refused("POST", _CREATE, json={"model": photo, "input": {}})
    await app.refused("POST", "/v1/quote", json={"model": photo, "input": {}})
    good = {"model": "real-esrgan/fast", "input": {"image_url": photo}}
    await app.refused("POST", _CREATE, json={**good, "callBackUrl": url})
    await app.refused("POST", _CREATE, json={**good, "callBackUrl": {"url": url}})
    await app.refused("POST", _CREATE, json={**good, "metadata": f"{sent}\0"})
    await app.refused("POST", _CREATE, json=good, headers={"Idempotency-Key": sent * 4})
    for name in ("missing", "page", "document", "cut", "moved", "garbage"):
        body = {"uploadPath": sent, "fileName": sent, "fileUrl": outside.url(f"{name}.png", what="upload")}
        await app.refused("POST", "/api/file-url-upload", json=body)
    await app.refused("POST", "/api/file-url-upload", json={"uploadPath": sent, "fileUrl": url})
    await app.refused("POST", "/api/file-base64-upload", json={"uploadPath": sent, "base64Data": photo})
    await app.refused("POST", "/api/file-base64-upload", json={"uploadPath": sent, "base64Data": sent})
    files = {"file": (f"{sent}.txt", sent.encode())}
    await app.refused("POST", "/api/file-stream-upload", data={"uploadPath": sent}, files=files)
    await app.refused("POST", "/api/v1/common/download-url", json={"url": photo})
    for query in ({"after": sent}, {"state": sent}, {"limit": sent}, {"model": photo}):
        await app.refused("GET", "/v1/tasks", params=query)
    await app.refused("GET", "/api/v1/jobs/recordInfo", params={"taskId": sent})
    await app.refused("GET", f"/files/{'0' * 32}/a.png", params={"expires": "9999999999", "signature": sent})


async def dump(url: str) -> dict[str, str]:
    """All that a database holds: the text of each column of each table."""
    connection = await asyncpg.connect(url)
    columns = await connection.fetch(
        "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) AS place, table_name, column_name"
        " FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    found = {}
    for place, table, column in columns:
        rows = await connection.fetch(f'SELECT "{column}"::text FROM {place}')
        found[f"{table}.{column}"] = "\n".join(row[0] for row in rows if row[0] is not None)
    await connection.close()
    return found


async def started(start: Start, **settings: str) -> Command:
    command = await start("up", "--port", "0", **settings)
    await until(command.says("recordInfo?taskId"), seconds=START_SECONDS)
    return command


async def made_key(start: Start, secrets: Secrets, *options: str, **settings: str) -> str:
    command = await start("keys", "create", "default", *options, "--quiet", **settings)
    assert await command.end() == 0, command.text
    key = command.out[-1].strip()
    secrets.add(f"made key {options}", key)
    return key


async def send_files(app: App) -> str:
    """Upload by all three ways; returns the picture as a data URL."""
    picture = app.outside.picture
    url = app.outside.url("good.png", what="upload")
    inline = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    for path, body in (
        ("url", {"fileUrl": url}),
        ("url", {"fileUrl": url.replace("/good.png", "")}),
        ("base64", {"base64Data": inline}),
    ):
        reply = await app.http.post(f"/api/file-{path}-upload", json={"uploadPath": "a", **body})
        app.links.append(reply.json()["data"]["downloadUrl"])
        app.told.append(reply.text)
    files = {"file": ("good.png", picture)}
    reply = await app.http.post("/api/file-stream-upload", data={"uploadPath": "a"}, files=files)
    app.links.append(reply.json()["data"]["downloadUrl"])
    app.told.append(reply.text)
    return inline


async def make_tasks(app: App, inline: str) -> None:
    """Tasks that succeed and tasks that fail, with callbacks, all the way to their ends."""
    outside, secrets = app.outside, app.secrets
    hook = outside.url("hook", what="callback", user="app")
    once = {"Idempotency-Key": "order " + secrets.plant("idempotency key")}
    picture = outside.url("good.png", what="picture", user="me")
    app.good.append(await app.create(picture, callBackUrl=hook, headers=once))
    app.good.append(await app.create(inline))
    app.good.append(await app.create(app.links[0], metadata={"token": secrets.plant("metadata")}))
    body = {"model": "real-esrgan/fast", "input": {"image_url": hook}}
    await app.refused("POST", _CREATE, json=body, headers=once)
    for name in ("missing", "page", "document", "cut", "broken", "moved", "garbage"):
        app.bad.append(await app.create(outside.url(f"{name}.png", what="picture")))
    odd = secrets.plant("odd URL")
    app.bad.append(await app.create(f"http://me:{odd}@0x7f.1/{odd}?{odd}"))
    app.bad.append(await app.create(f"http://me:{odd}@127.0.0.1:1/{odd}?{odd}", callBackUrl=hook))
    for task_id in (*app.good, *app.bad):
        await ended(app.http, task_id)


async def break_database(url: str, app: App) -> None:
    """Have a request crash on an error that nobody expects, and cut all of the service's connections."""
    administrator = await asyncpg.connect(url)
    await administrator.execute(
        "CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$;"
        " CREATE TRIGGER break BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION break()"
    )
    picture = app.outside.url("good.png", what="picture of a crash", user="me")
    body = {"model": "real-esrgan/fast", "input": {"image_url": picture}, "callBackUrl": picture}
    await app.refused("POST", _CREATE, json=body)
    await administrator.execute("DROP TRIGGER break ON tasks; DROP FUNCTION break")
    await administrator.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await administrator.close()


async def look_around(app: App) -> None:
    """Ask for everything that there is to ask for, once all tasks have ended and all callbacks were taken."""
    ids = [*app.good, *app.bad]
    for task_id in ids:
        found = await record(app.http, task_id)
        assert found["state"] == ("success" if task_id in app.good else "fail"), found
        app.links += json.loads(found.pop("resultJson") or "{}").get("resultUrls", [])
        del found["param"]
        app.told.append(json.dumps(found))
        path = f"/v1/tasks/{task_id}/deliveries"
        await app.http.post(path)  # at first the app answers that it cannot take it
        await until(delivered(app.http, path))
        app.told.append((await app.http.get(path)).text)
        assert "event: task" in (await app.http.get(f"/v1/tasks/{task_id}/events")).text
    body = {"url": app.links[-1]}
    app.links.append((await app.http.post("/api/v1/common/download-url", json=body)).json()["data"])
    places = ("/healthz", "/readyz", "/docs", "/docs/openapi.json", "/", "/api/v1/chat/credit")
    app.told += [(await app.http.get(place)).text for place in places]
    listed = (await app.http.get("/v1/tasks")).json()["data"]["tasks"]
    assert {found["taskId"] for found in listed} == set(ids)
    for link in app.links:
        parts = urlsplit(link)
        await app.refused("GET", f"{parts.path}?{parts.query}A")


def delivered(http: httpx2.AsyncClient, path: str) -> Any:
    async def taken() -> bool:
        return bool((await http.get(path)).json()["data"]["state"] == "delivered")

    return taken


@pytest.mark.timeout(400)
@pytest.mark.usefixtures("used")
async def test_no_secret_is_told_whatever_happens(
    start: Start, database_url: str, make_photo: MakePhoto, tmp_path: Path
) -> None:
    secrets = Secrets()
    key = "enl_" + secrets.plant("key of the default account")
    outside = Outside(secrets, png(secrets.plant("text of a picture"), tmp_path / "secret.png"))
    async with serving(outside):
        settings = {
            "DATABASE_URL": database_url.replace("@", f":{secrets.plant('password of the database')}@", 1),
            "ENLARGER_API_KEY": key,
            "ENLARGER_WEBHOOK_KEY": "whsec_" + base64.b64encode(secrets.plant("webhook key").encode()).decode(),
            "KIE_CALLBACK_URL": outside.url("hook", what="usual callback"),
            "ENLARGER_LOG_LEVEL": "debug",
            "ENLARGER_TRUSTED_PROXIES": "127.0.0.1",
            "ENLARGER_WORKER_LEASE": "1",
        }
        first = await started(start, **settings)
        made = await made_key(start, secrets, "--name", "site", **settings)
        bound = await made_key(start, secrets, "--allow", "10.0.0.0/8", **settings)
        headers = {"Authorization": f"Bearer {made}", "X-Forwarded-For": secrets.plant("address")}
        async with httpx2.AsyncClient(base_url=first.after("API   "), headers=headers, timeout=120) as http:
            app = App(http, outside)
            await be_refused(app, bound)
            await make_tasks(app, await send_files(app))
            big = await upload(http, make_photo("big.png", 700, 600))
            app.links.append(big)
            app.good.append(await app.create(big, upscale_factor="4"))
            app.bad.append(await app.create(big))
            assert (await http.post(f"/v1/tasks/{app.bad[-1]}/cancel")).json()["code"] == 200
            await break_database(database_url, app)
            await until(first.says("listener_lost"))
            await until(at_work(http, app.good[-1]))
        await first.end(signal.SIGKILL)
        second = await started(start, **settings)
        async with httpx2.AsyncClient(base_url=second.after("API   "), headers=headers, timeout=120) as http:
            app.http = http
            await ended(http, app.good[-1])
            await look_around(app)
        content = await dump(database_url)
        assert await second.end(signal.SIGTERM) == 0

    # What apps are told, beside what they have sent themselves.
    for reply in app.told:
        assert not secrets.found(reply), reply
    for link in app.links:
        (signature,) = parse_qs(urlsplit(link).query)["signature"]
        secrets.add("link", signature)
    for refusal in app.refusals:
        assert not secrets.found(refusal), refusal
    check_callbacks(outside, secrets)

    # The database.
    leaks = {place: kinds for place, text in content.items() if (kinds := secrets.found(text))}
    assert leaks.keys() == _IN_THE_CLEAR, leaks

    # Logs. The greeting shows the key of the default account and how to use it, once a start, and on purpose.
    for command in (first, second):
        greeting = [line for line in command.out if key in line]
        assert [line.split()[0] for line in greeting] == ["key", "curl", "curl"]
        for line in (*command.err, *(line for line in command.out if line not in greeting)):
            assert not secrets.found(line), line
    log = Path(parse_qs(urlsplit(database_url).query)["host"][0]) / "server.log"
    assert not secrets.found(log.read_text(errors="replace"))
    for event in ("task_created", "task_failed", "request_crashed", "Traceback", "listener_lost"):
        assert any(event in line for line in first.err), event


def check_callbacks(outside: Outside, secrets: Secrets) -> None:
    """A callback knows the app's own URL; `param` repeats what the app sent, and `resultJson` links to the results."""
    assert {json.loads(body)["data"]["state"] for _, _, body in outside.calls} == {"success", "fail"}
    for path, headers, body in outside.calls:
        callback = json.loads(body)
        own = secrets.found(path)
        assert own <= {"callback of hook", "usual callback of hook"}
        assert secrets.found(str(headers)) <= own  # the URL's user and password
        assert "usual callback of hook" not in secrets.found(callback["data"].pop("param"))
        del callback["data"]["resultJson"]
        assert not secrets.found(json.dumps(callback)), callback
