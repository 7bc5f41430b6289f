"""The reverse proxies of `docs/operate/deploy.md`, with the configurations that stand there, before a sandbox."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import trustme

from tests.acceptance.conftest import Start
from tests.acceptance.services import Served, service_folder, serving
from tests.acceptance.test_service import create, ended, record
from tests.ports import free_port
from tests.server.steps import PNG

_PAGE = (Path(__file__).parents[2] / "docs/operate/deploy.md").read_text()
_PATH = f"{os.environ['PATH']}:/usr/sbin"
_HOST = "images.example.com"
_SERVICE = "127.0.0.1:8686"
_CLIENT = "127.0.0.2"
"""Another address than the proxy's, which is trusted."""
_ELSEWHERE = "203.0.113.9"
_LARGEST = 50_000_000
_MODEL = "google/nano-banana"
_START_SECONDS = 60.0


@dataclass(frozen=True)
class Proxied:
    """A sandbox, and the proxy before it."""

    served: Served
    url: str
    plain: int
    """The port of the proxy without TLS."""
    trust: ssl.SSLContext

    def client(self, key: str, **headers: str) -> httpx2.AsyncClient:
        transport = httpx2.AsyncHTTPTransport(verify=self.trust, local_address=_CLIENT)
        headers = {"Authorization": f"Bearer {key}"} | headers
        return httpx2.AsyncClient(base_url=self.url, headers=headers, timeout=120, transport=transport)


def nginx(folder: Path, service: str, plain: int, tls: int) -> list[str]:
    """The command that runs nginx with the page's configuration, whose names and ports are replaced."""
    (folder / "site.conf").write_text(
        changed(
            block("nginx", "upstream enlarger {"),
            {
                _SERVICE: service,
                "listen 80;": f"listen 127.0.0.1:{plain};",
                "listen 443 ": f"listen 127.0.0.1:{tls} ",
                f"/etc/letsencrypt/live/{_HOST}": str(folder),
                f"server_name {_HOST};": "server_name localhost;",
            },
        )
    )
    paths = "".join(f"{one}_temp_path {folder}/{one}; " for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log stderr; events {{ }}\n"
        f"http {{ access_log off; {paths} include {folder}/site.conf; }}\n"
    )
    return ["nginx", "-c", str(folder / "nginx.conf"), "-e", "stderr"]


def caddy(folder: Path, service: str, plain: int, tls: int) -> list[str]:
    """The same of Caddy, which would otherwise get itself a certificate."""
    site = changed(block("text", f"{_HOST} {{"), {_SERVICE: service, f"{_HOST} {{": f"https://localhost:{tls} {{"})
    site = site.replace("{\n", f"{{\n\ttls {folder}/fullchain.pem {folder}/privkey.pem\n", 1)
    head = f"{{\n\tadmin off\n\thttp_port {plain}\n\thttps_port {tls}\n\tskip_install_trust\n}}\n"
    (folder / "Caddyfile").write_text(head + site)
    return ["caddy", "run", "--config", str(folder / "Caddyfile")]


def block(language: str, start: str) -> str:
    """The page's block of code that starts so."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", _PAGE, re.MULTILINE | re.DOTALL)
    (found,) = [one for one in blocks if one.startswith(start)]
    return str(found)


def changed(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, f"the page's configuration has no {old!r} any longer"
        text = text.replace(old, new)
    return text


@contextmanager
def proxying(command: list[str], folder: Path, port: int) -> Iterator[None]:
    """A proxy around a block."""
    environment = os.environ | {"PATH": _PATH, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "proxy.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not is_open(port):
            assert process.poll() is None, (folder / "proxy.log").read_text()
            assert time.monotonic() < deadline, (folder / "proxy.log").read_text()
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module", params=[nginx, caddy], ids=lambda proxy: str(proxy.__name__))
def proxied(request: pytest.FixtureRequest, used_before: Path) -> Iterator[Proxied]:
    if shutil.which(request.param.__name__, path=_PATH) is None:
        pytest.skip(f"{request.param.__name__} is not installed")
    plain, tls = free_port(), free_port()
    url = f"https://localhost:{tls}"
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    settings = {"ENLARGER_PUBLIC_URL": url, "ENLARGER_TRUSTED_PROXIES": "127.0.0.1", "ENLARGER_SANDBOX_SECONDS": "3"}
    with service_folder("proxied", used_before) as folder:
        certificate.private_key_pem.write_to_path(folder / "privkey.pem")
        for pem in certificate.cert_chain_pems:
            pem.write_to_path(folder / "fullchain.pem", append=True)
        port = free_port()
        with serving(folder, "--sandbox", "--port", str(port), **settings) as served:
            program, *rest = request.param(folder, f"127.0.0.1:{port}", plain, tls)
            with proxying([str(shutil.which(program, path=_PATH)), *rest], folder, tls):
                yield Proxied(served, url, plain, trust)


async def test_a_task_and_its_result(proxied: Proxied) -> None:
    async with proxied.client(proxied.served.key) as client:
        done = await ended(client, await create(client, _MODEL, prompt="A house"))
        assert done["state"] == "success", done
        (link,) = json.loads(done["resultJson"])["resultUrls"]
        assert link.startswith(f"{proxied.url}/files/")
        assert (await client.get(link)).headers["content-type"].startswith("image/")


async def test_the_largest_files_that_the_service_accepts(proxied: Proxied) -> None:
    """One byte more is refused by the service itself, whose reply says why."""
    content = PNG + bytes(_LARGEST - len(PNG))
    encoded = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    async with proxied.client(proxied.served.key) as client:
        for path, sent, code in (
            ("base64", {"json": {"base64Data": encoded, "uploadPath": "a"}}, 200),
            ("stream", {"data": {"uploadPath": "a"}, "files": {"file": ("a.png", content)}}, 200),
            ("stream", {"data": {"uploadPath": "a"}, "files": {"file": ("a.png", content + b"x")}}, 400),
        ):
            reply = (await client.post(f"/api/file-{path}-upload", **sent)).json()
            assert reply["code"] == code, reply


async def test_events_arrive_when_they_happen(proxied: Proxied) -> None:
    async with proxied.client(proxied.served.key) as client:
        task_id = await create(client, _MODEL, prompt="A house")
        async with client.stream("GET", f"/v1/tasks/{task_id}/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.aiter_lines()
            events = [json.loads(line.removeprefix("data: ")) async for line in until_data(lines)]
            assert (await record(client, task_id))["state"] not in ("success", "fail")
            events += [json.loads(line.removeprefix("data: ")) async for line in lines if line.startswith("data: {")]
        assert events[-1]["state"] == "success"


async def until_data(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    """The first line with data."""
    async for line in lines:
        if line.startswith("data: {"):
            yield line
            return


async def test_the_tools_for_agents(proxied: Proxied) -> None:
    """For programs, and for pages at the public URL."""
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "tests", "version": "1"},
        },
    }
    accepted = {"Accept": "application/json, text/event-stream"}
    async with proxied.client(proxied.served.key, **accepted) as client:
        for origin in ({}, {"Origin": proxied.url}):
            reply = await client.post("/mcp", json=hello, headers=origin)
            assert reply.status_code == 200, reply.text
            assert "serverInfo" in reply.text
        assert (
            await client.post("/mcp", json=hello, headers={"Origin": "https://elsewhere.example"})
        ).status_code == 403


async def test_a_key_for_some_addresses(proxied: Proxied, start: Start) -> None:
    """What the client itself writes of where it comes from is not believed."""
    keys = {}
    for address in (_CLIENT, _ELSEWHERE):
        place = {"ENLARGER_DATA_DIR": proxied.served.folder / "data"}
        command = await start("keys", "create", "default", "--allow", address, "--quiet", **place)
        assert await command.end() == 0, command.text
        keys[address] = command.out[-1].strip()
    claims: tuple[dict[str, str], ...] = (
        {},
        {"X-Forwarded-For": _ELSEWHERE},
        {"Forwarded": f"for={_ELSEWHERE}"},
    )
    for address, status in ((_CLIENT, 200), (_ELSEWHERE, 401)):
        async with proxied.client(keys[address]) as client:
            for claim in claims:
                reply = await client.get("/v1/tasks", headers=claim)
                assert reply.status_code == status, (address, claim, reply.text)


async def test_http_leads_to_https(proxied: Proxied) -> None:
    async with httpx2.AsyncClient(trust_env=False) as client:
        reply = await client.get(f"http://localhost:{proxied.plain}/docs")
    assert reply.status_code in (301, 308)
    assert reply.headers["location"].startswith("https://localhost")
