"""An asynchronous client of the jobs API, as much of it as the command line needs."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2
import msgspec

from enlarger.errors import ServiceError, ServiceUnreachable
from enlarger.protocol.codes import OK
from enlarger.protocol.records import CreatedTask, TaskRecord, UploadedFile

T = TypeVar("T")

_TRIES = 4
_TIMEOUT = httpx2.Timeout(30, connect=5)


class JobsClient:
    """One service, one key. Every call may be sent again safely: creating carries an idempotency key."""

    def __init__(self, base_url: str, api_key: str, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._http = httpx2.AsyncClient(
            base_url=self.base_url,
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=_TIMEOUT,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def is_there(self) -> bool:
        """Whether a service answers."""
        try:
            return (await self._http.get("/healthz")).status_code == OK
        except httpx2.HTTPError:
            return False

    async def upload(self, name: str, content: bytes) -> str:
        """Upload a picture; returns its URL, for a task's input."""
        reply = await self._call(
            UploadedFile,
            "POST",
            "/api/file-stream-upload",
            data={"uploadPath": "uploads", "fileName": name},
            files={"file": (name, content)},
        )
        return reply.download_url

    async def create(self, model: str, payload: dict[str, str], *, idempotency_key: str) -> str:
        """Make a task, or find the one that was made with this key before; returns its id."""
        body = {"model": model, "input": payload}
        headers = {"Idempotency-Key": idempotency_key}
        created = await self._call(CreatedTask, "POST", "/api/v1/jobs/createTask", json=body, headers=headers)
        return created.task_id

    async def record(self, task_id: str) -> TaskRecord:
        """A task's record."""
        return await self._call(TaskRecord, "GET", "/api/v1/jobs/recordInfo", params={"taskId": task_id})

    async def cancel(self, task_id: str) -> TaskRecord:
        """Call a task off."""
        return await self._call(TaskRecord, "POST", f"/v1/tasks/{task_id}/cancel")

    async def download(self, url: str, target: Path) -> None:
        """Download a result into the file `target`, which is there only once it is whole."""
        draft = target.with_name(f".{target.name}.part")
        try:
            async with self._http.stream("GET", url, headers={"Authorization": ""}) as response:
                if response.status_code != OK:
                    raise ServiceError(
                        response.status_code, f"The result cannot be fetched: HTTP {response.status_code}."
                    )
                with draft.open("wb") as file:
                    async for chunk in response.aiter_bytes():
                        file.write(chunk)
            draft.replace(target)
        except httpx2.HTTPError as error:
            raise self._unreachable(error) from error
        finally:
            draft.unlink(missing_ok=True)

    async def _call(self, kind: type[T], method: str, path: str, **arguments: Any) -> T:
        """One call, sent again when the connection fails."""
        for attempt in range(1, _TRIES + 1):
            try:
                response = await self._http.request(method, path, **arguments)
            except httpx2.ConnectError as error:
                raise self._unreachable(error) from error
            except httpx2.TransportError as error:
                if attempt == _TRIES:
                    raise self._unreachable(error) from error
                await asyncio.sleep(random.uniform(0.2, 0.5) * 2**attempt)
            else:
                return self._read(response, kind)
        raise AssertionError("unreachable")

    def _read(self, response: httpx2.Response, kind: type[T]) -> T:
        try:
            reply = msgspec.json.decode(response.content)
            code, message = reply["code"], reply.get("msg") or reply.get("message") or "no reason given"
        except (msgspec.DecodeError, KeyError, TypeError):
            raise ServiceError(
                response.status_code, f"{self.base_url} answered HTTP {response.status_code}, not as a jobs API does."
            ) from None
        if code != OK or response.status_code >= 400:
            raise ServiceError(code, str(message))
        return msgspec.convert(reply["data"], kind)

    def _unreachable(self, error: Exception) -> ServiceUnreachable:
        return ServiceUnreachable(f"The service at {self.base_url} does not answer ({type(error).__name__}).")
