"""Records the examples of the HTTP API: requests by curl, and the real replies of a sandbox service.

`python -m tools.api_examples` writes `src/enlarger/server/examples.json`. `make docs` takes them into the page, and a
service shows the replies at `/docs`. Ids, times, signatures and addresses are replaced by fixed ones, so that a
recording differs from the previous one only where the API does.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from tests.acceptance.services import serving
from tests.pictures import photo, save

import enlarger.server
from enlarger.server.examples import FILE, Example

PATH = Path(enlarger.server.__file__).with_name(FILE)
_AUTHORIZED = '-H "Authorization: Bearer $KEY"'
_JSON = '-H "Content-Type: application/json"'
_WINTER = """'{"model": "google/nano-banana-edit",
       "input": {"prompt": "in winter", "image_urls": ["https://example.com/photo.jpg"]}}'"""
_INCOMPLETE = """'{"model": "google/nano-banana-edit", "input": {"prompt": "in winter"}}'"""
_SHOWN_URL = "http://127.0.0.1:8686"
SETTINGS = {"ENLARGER_SANDBOX_SECONDS": "0"}
"""Of the service, beside `--sandbox`."""
_FIRST_TIME = 1_780_000_000
"""Seconds since 1970 in place of the moment at which a recording began."""


def _call(path: str, *options: str, flags: str = "") -> str:
    """A curl command with a key, options on lines of their own."""
    return " \\\n  ".join([f'curl {flags}"$URL{path}" {_AUTHORIZED}', *options])


def _send(path: str, body: str, *options: str) -> str:
    *before, last = ["", *options]
    return _call(path, *filter(None, before), f"{last} {_JSON}".strip(), f"-d {body}")


@dataclass(frozen=True)
class Request:
    """A request to record."""

    operation: str
    """As the API's description names it; empty for errors of no route in particular."""
    title: str
    command: str
    task: str = "success"
    """Which task `TASK_ID` is: one of those in `_TASKS`."""
    shortened: tuple[str, ...] = ()
    """The lists in the reply of which only the first item is kept."""


_RECORD = _call("/api/v1/jobs/recordInfo?taskId=$TASK_ID")
_CREATE, _SUBMIT = "/api/v1/jobs/createTask", "/v1/tasks"
REQUESTS = (
    Request("", "A field is missing, on a route under `/api/v1`", _send(_CREATE, _INCOMPLETE)),
    Request("", "The same under `/v1`", _send(_SUBMIT, _INCOMPLETE)),
    Request("", "No key", 'curl "$URL/api/v1/chat/credit"'),
    Request("", "An upload without a file", _call("/api/file-stream-upload", "-F uploadPath=rooms")),
    Request("", "An unknown path", _call("/api/v1/jobs/create")),
    Request("", "An OpenAI route", _send("/v1/images/generations", """'{"prompt": "a house", "n": 20}'""")),
    Request("createTask", "", _send(_CREATE, _WINTER)),
    Request(
        "createTask",
        "A field that the model does not have is left out, with a warning",
        _send(_CREATE, """'{"model": "google/nano-banana", "input": {"prompt": "a house", "steps": 30}}'"""),
    ),
    Request(
        "createTask",
        "Waiting for the task's end",
        _send(_CREATE, """'{"model": "google/nano-banana", "input": {"prompt": "a house"}}'""", '-H "Prefer: wait=30"'),
    ),
    Request("recordInfo", "A task that waits", _RECORD, task="waiting"),
    Request("recordInfo", "A task that has succeeded", _RECORD),
    Request("recordInfo", "A task that has failed", _RECORD, task="failed"),
    Request("submitTask", "", _send(_SUBMIT, _WINTER, '-H "Idempotency-Key: order-5417"')),
    Request("listTasks", "", _call("/v1/tasks?state=success,fail&limit=1")),
    Request("showTask", "", _call("/v1/tasks/$TASK_ID")),
    Request("cancelTask", "", _call("/v1/tasks/$TASK_ID/cancel", flags="-X POST "), task="waiting"),
    Request("showDeliveries", "", _call("/v1/tasks/$TASK_ID/deliveries"), task="calling", shortened=("tries",)),
    Request(
        "sendAgain", "", _call("/v1/tasks/$TASK_ID/deliveries", flags="-X POST "), task="calling", shortened=("tries",)
    ),
    Request("followTask", "", _call("/v1/tasks/$TASK_ID/events", flags="-N ")),
    Request("streamUpload", "", _call("/api/file-stream-upload", "-F file=@photo.jpg -F uploadPath=rooms")),
    Request(
        "base64Upload",
        "",
        """printf '{"base64Data": "%s", "fileName": "photo.jpg"}' "$(base64 -w 0 photo.jpg)" |\n  """
        + _send("/api/file-base64-upload", "@-"),
    ),
    Request(
        "urlUpload",
        "",
        f"""\
FILE_URL=$(curl -s "$URL/api/file-stream-upload" {_AUTHORIZED} -F file=@photo.jpg |
  grep -o '"downloadUrl":"[^"]*"' | cut -d '"' -f 4)
"""
        + _send("/api/file-url-upload", r'''"{\"fileUrl\": \"$FILE_URL\", \"fileName\": \"copy.jpg\"}"'''),
    ),
    Request("downloadUrl", "", _send("/api/v1/common/download-url", r'''"{\"url\": \"$FILE_URL\"}"''')),
    Request("getFile", "", 'curl "$FILE_URL" -o photo-again.jpg'),
    Request("deleteFile", "", _call('/v1/files/$(echo "$FILE_URL" | cut -d / -f 5)', flags="-X DELETE ")),
    Request("allModels", "Only the first model is shown", _call("/api/v1/models"), shortened=("models",)),
    Request("oneModel", "The schema", _call("/api/v1/models/recraft/crisp-upscale/schema")),
    Request("oneModel", "The price", _call("/api/v1/models/nano-banana-pro/price")),
    Request("quoteTask", "", _send("/v1/quote", _WINTER)),
    Request("credit", "", _call("/api/v1/chat/credit")),
    Request(
        "generateImages",
        "",
        _send("/v1/images/generations", """'{"prompt": "a house in winter", "response_format": "url"}'"""),
    ),
    Request(
        "editImages",
        "",
        _call("/v1/images/edits", '-F image=@photo.jpg -F prompt="in winter" -F response_format=url'),
    ),
    Request(
        "varyImage", "", _call("/v1/images/variations", "-F image=@photo.jpg -F model=grok-imagine/image-to-image")
    ),
    Request("upscaleImage", "", _call("/v1/images/upscale", "-F image=@photo.jpg -F upscale_factor=2")),
    Request("listImageModels", "Only the first model is shown", _call("/v1/models"), shortened=("data",)),
    Request("showImageModel", "", _call("/v1/models/gpt-image-1")),
    Request(
        "veoGenerate",
        "",
        _send("/api/v1/veo/generate", """'{"prompt": "a house, from the air", "model": "veo3_fast"}'"""),
    ),
    Request("veoRecord", "", _call("/api/v1/veo/record-info?taskId=$TASK_ID")),
    Request("root", "", 'curl "$URL/"'),
    Request("healthz", "", 'curl "$URL/healthz"'),
    Request("readyz", "", 'curl "$URL/readyz"'),
)


def record(url: str, key: str, folder: Path) -> list[Example]:
    """Send all requests to a sandbox service, from an empty folder; the replies have fixed ids and times."""
    save(photo(64, 48), folder / "photo.jpg")
    (folder / ".curlrc").write_text('silent\nwrite-out = "%{stderr}%{http_code} %{content_type}\\n"\n')
    with httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=120) as api:
        tasks = _Tasks(api)
        return _normalise([_record(one, tasks.named(one.task), url, key, folder) for one in REQUESTS], url)


class _Tasks:
    """The tasks that the requests are about."""

    def __init__(self, api: httpx2.Client) -> None:
        self._api = api
        self._made = {"success": self._make("a house in winter"), "failed": self._make("a house [sandbox fail]")}
        self._made["calling"] = self._make("a house", callBackUrl="https://app.example.com/callback")
        self._until(lambda: self._ask(f"/v1/tasks/{self._made['calling']}/deliveries")["tries"])

    def named(self, name: str) -> str:
        """The id of a task; one that waits is made for the moment."""
        return self._make("a house [sandbox slow 600]", wait=0) if name == "waiting" else self._made[name]

    def _make(self, prompt: str, *, wait: int = 60, **others: str) -> str:
        body = {"model": "google/nano-banana", "input": {"prompt": prompt}, **others}
        reply = self._api.post("/v1/tasks", json=body, headers={"Prefer": f"wait={wait}"})
        made: str = reply.json()["data"]["taskId"]
        return made

    def _ask(self, path: str) -> Any:
        return self._api.get(path).json()["data"]

    def _until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.1)


def _record(request: Request, task_id: str, url: str, key: str, folder: Path) -> Example:
    script = (
        f"set -o pipefail; touch state; . ./state\n{request.command}\ncode=$?; declare -p FILE_URL >state; exit $code"
    )
    environment = os.environ | {"URL": url, "KEY": key, "TASK_ID": task_id, "CURL_HOME": str(folder)}
    done = subprocess.run(
        ["bash", "-c", script], check=False, cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, (request.command, done.stderr)
    status, _, kind = next(line for line in done.stderr.splitlines() if re.match(r"\d{3} ", line)).partition(" ")
    example = Example(
        operation=request.operation, title=request.title, command=request.command, status=int(status), text=done.stdout
    )
    if "json" not in kind:
        return example
    reply = msgspec.json.decode(done.stdout)
    for name in request.shortened:
        within = reply if isinstance(reply.get(name), list) else reply["data"]
        within[name] = within[name][:1]
    return msgspec.structs.replace(example, text="", json=reply)


_TIME = re.compile(r"\b1[6-9]\d{11}\b")
_USUAL: dict[str, object] = {"seconds": 2.1, "duration": 12, "costTime": 3, "version": "1.0.0", "endsIn": 3}
"""What is different each time, by its name."""


def _normalise(examples: list[Example], url: str) -> list[Example]:
    text = msgspec.json.encode(examples).decode().replace(url, _SHOWN_URL)
    ids = dict.fromkeys(re.findall(r"\b[0-9a-f]{32}\b", text))
    for number, one in enumerate(ids):
        text = text.replace(one, sha256(f"example {number}".encode()).hexdigest()[:32])
    for number, moment in enumerate(sorted(set(_TIME.findall(text)))):
        text = text.replace(moment, str((_FIRST_TIME + number) * 1000))
    text = re.sub(r"\bexpires=\d+", f"expires={_FIRST_TIME + 14 * 86400}", text)
    text = re.sub(r"\bsignature=[\w-]+", "signature=yZ7jx5Nn0pXo4vSgK1u2aQ", text)
    text = re.sub(r"\b20\d\d-\d\d-\d\dT[\d:.]+Z", "2026-05-28T20:26:40.000Z", text)
    text = re.sub(r'("created":)1[6-9]\d{8}\b', rf"\g<1>{_FIRST_TIME}", text)
    for name, value in _USUAL.items():
        shown = msgspec.json.encode(value).decode()
        text = re.sub(rf'"{name}":("[^"]*"|0\.0|[\d.]*[1-9][\d.]*)', lambda _: f'"{name}":{shown}', text)  # noqa: B023
    return msgspec.json.decode(text, type=list[Example])


def main() -> None:
    """Record them with a service of their own."""
    with tempfile.TemporaryDirectory(prefix="enlarger-examples-") as path:
        work = Path(path)
        work.chmod(0o755)  # Postgres may run as another user
        (work / "client").mkdir()
        with serving(work, "--sandbox", **SETTINGS) as served:
            examples = record(served.url, served.key, work / "client")
    PATH.write_bytes(msgspec.json.format(msgspec.json.encode(examples), indent=1) + b"\n")


if __name__ == "__main__":
    main()
