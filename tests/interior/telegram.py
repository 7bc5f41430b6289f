"""As much of the Bot API as a photo needs, on loopback, for one bot."""

from __future__ import annotations

from collections import deque
from types import TracebackType
from typing import Any, Self

from enlarger.testing.exchange import Answer, Request, json_answer
from enlarger.testing.listener import Listener

TOKEN = "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcN"
FILE_ID = "AgACAgIAAxkBAAIZRGlKgAu"
PATH = "photos/file 12.jpg"
"""A path that has to be quoted."""


class Telegram:
    """Serves `content` as the one photo that the bot was sent; `bad` is answered first, one a request."""

    def __init__(self, content: bytes, *bad: Answer | None, tell_size: bool = True) -> None:
        self._content = content
        self._tell_size = tell_size
        self.bad = deque(bad)
        self.asked: list[str] = []
        self._listener = Listener(self._answer)
        self.url = self._listener.url

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def _answer(self, request: Request) -> Answer:
        self.asked.append(request.path)
        bad = self.bad.popleft() if self.bad else None
        if bad is not None:
            return bad
        if request.path == f"/bot{TOKEN}/getFile":
            return self._get_file(request.query.get("file_id", ""))
        if request.path == f"/file/bot{TOKEN}/{PATH}":
            return Answer(headers={"Content-Type": "application/octet-stream"}, body=self._content)
        return failure(401, "Unauthorized")

    def _get_file(self, file_id: str) -> Answer:
        if file_id != FILE_ID:
            return failure(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        file: dict[str, Any] = {"file_id": file_id, "file_unique_id": "AQAD", "file_path": PATH}
        if self._tell_size:
            file["file_size"] = len(self._content)
        return json_answer(200, {"ok": True, "result": file})


def failure(status: int, description: str, **parameters: Any) -> Answer:
    """An error in the Bot API's words."""
    body = {"ok": False, "error_code": status, "description": description}
    return json_answer(status, body | ({"parameters": parameters} if parameters else {}))
