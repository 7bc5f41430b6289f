"""Requests and answers as plain records, and the shapes that the hosted service's answers have."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Literal

import msgspec

from enlarger.testing.fault_kinds import InjectedFault

JSON = "application/json;charset=UTF-8"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What came in; names of headers are in lower case, and the path has no `%` escapes any more."""

    method: str
    path: str
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What goes out, and how much of it."""

    status: int = 200
    headers: dict[str, str] = {}
    body: bytes = b""
    code: int | None = None
    """The body code, where the body is an envelope."""
    sent: Literal["whole", "half", "nothing"] = "whole"
    """Unless it is all sent, the connection is cut."""
    pause: float = 0.0
    """Seconds to wait before it is sent."""
    fault: InjectedFault | None = None
    """What was made to go wrong with it."""

    def compressed(self, accept_encoding: str) -> Answer:
        """The same in gzip, where it is JSON and the client takes that."""
        names = [name.strip().lower() for name in accept_encoding.split(",")]
        if self.headers.get("Content-Type") != JSON or not {"gzip", "*"} & set(names):
            return self
        headers = {**self.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return msgspec.structs.replace(self, headers=headers, body=gzip.compress(self.body, compresslevel=1, mtime=0))


class Refused(Exception):
    """The service says no, with a body code and its message."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def success(data: Any) -> Answer:
    """The envelope of what went well."""
    return json_answer(200, {"code": 200, "msg": "success", "data": data}, code=200)


def refusal(code: int, message: str) -> Answer:
    """The envelope of an error: HTTP 200, the error in the body; `data` is null, and absent for a wrong key."""
    body: dict[str, Any] = {"code": code, "msg": message}
    return json_answer(200, body if code == HTTPStatus.UNAUTHORIZED else body | {"data": None}, code=code)


def uploaded(data: Any) -> Answer:
    """What the upload host answers with when it has kept a file."""
    body = {"success": True, "code": 200, "msg": "File uploaded successfully", "data": data}
    return json_answer(200, body, code=200)


def upload_refusal(code: int, message: str) -> Answer:
    """What the upload host answers with when it has not: the HTTP status is the code, and there is no `data`."""
    return json_answer(code, {"success": False, "code": code, "msg": message}, code=code)


def not_found(path: str, now: float) -> Answer:
    """The answer to a path that does not exist: a real HTTP 404, and no envelope."""
    moment = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
    return json_answer(404, {"timestamp": moment, "status": 404, "error": "Not Found", "path": path})


def page(status: HTTPStatus) -> Answer:
    """A web page of the network in front of the service."""
    title = f"{status.value} {status.phrase}"
    html = f"<html>\r\n<head><title>{title}</title></head>\r\n<body><center><h1>{title}</h1></center></body>\r\n</html>"
    return Answer(status=status, headers={"Content-Type": "text/html"}, body=html.encode())


def file(content: bytes, mime_type: str) -> Answer:
    """A file's bytes."""
    return Answer(headers={"Content-Type": mime_type}, body=content)


def rewritten(answer: Answer, body: Any) -> Answer:
    """The same answer with another JSON body."""
    return msgspec.structs.replace(answer, body=msgspec.json.encode(body))


def with_headers(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """The same answer with more headers."""
    return msgspec.structs.replace(answer, headers={**answer.headers, **headers})


def json_answer(status: int, body: Any, *, code: int | None = None) -> Answer:
    """A JSON body with an HTTP status."""
    return Answer(status=status, headers={"Content-Type": JSON}, body=msgspec.json.encode(body), code=code)
