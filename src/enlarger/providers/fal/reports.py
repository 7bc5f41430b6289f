"""From a request's result, or its error, to a report.

A result is the model's output, such as `{"images": [{"url": …, "content_type": …}], "seed": 1}`. An error has a
`detail`: of a model's it is a list of `{"loc", "msg", "type", …}` (https://fal.ai/docs/documentation/model-apis/errors),
of fal's own a sentence, with an `error_type` beside it
(https://fal.ai/docs/documentation/model-apis/request-errors). A webhook has the same in its `payload`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import httpx2

from enlarger.errors import ResultGone
from enlarger.protocol.moderation import is_moderated
from enlarger.providers.base import Report, WireRequest
from enlarger.providers.fal.answers import GONE
from enlarger.providers.http import read_object

_UNREADABLE_PICTURE = "image_load_error"
_NOT_CHARGED = ("internal_server_error", "generation_timeout", "downstream_service_unavailable")
"""Types of a model's errors that are fal's own fault; of a 422, for which the input is to blame, fal keeps the price
(https://fal.ai/docs/faq), as far as anybody can know it."""
_ENDED_BADLY = (400, 413, 415, 422, 500, 503, 504)
"""Statuses of a result whose body may be a request's error; a proxy's 502 is none."""
_MODERATED = "content_policy_violation"
_MICRODOLLAR = Decimal("0.000001")
_LONGEST_MESSAGE = 1000


def running(task_id: str) -> Report:
    """The report of a request that has not ended."""
    return Report(provider_task_id=task_id, state="running")


def read_end(task_id: str, request: WireRequest, status: Mapping[str, Any], result: httpx2.Response) -> Report | None:
    """What the status and the result of a request say that is `COMPLETED`, as those are, too, that have failed.

    A success of which the result is not there yet is still running: it follows. None where the answer says nothing.
    Raises ResultGone when the result has been deleted.
    """
    body, error = read_object(result), status.get("error")
    if error is None and result.is_success:
        return ended_well(task_id, body, request) if body else running(task_id)
    if error is None and result.status_code in GONE:
        raise ResultGone("fal has deleted the result.", code=result.status_code)
    if result.status_code in _ENDED_BADLY and "detail" in body and (error is not None or _is_its_own(result, body)):
        return ended_badly(task_id, body, error)
    if error is not None:
        return ended_badly(task_id, {"error_type": status.get("error_type")}, error)
    return None


def ended_well(task_id: str, output: Mapping[str, Any], request: WireRequest) -> Report:
    """What an output says. One that the safety checker has blackened has failed: `has_nsfw_concepts` says so."""
    outputs = tuple(_urls(output))
    cost = _cost(request, max(1, len(outputs)))
    concepts = output.get("has_nsfw_concepts")
    if isinstance(concepts, list) and concepts and all(concept is True for concept in concepts):
        return Report(
            provider_task_id=task_id,
            state="failed",
            progress=100,
            code=_MODERATED,
            message="fal's safety checker does not allow what was made.",
            faulty_input=True,
            cost=cost,
        )
    return Report(
        provider_task_id=task_id,
        state="succeeded",
        progress=100,
        outputs=outputs,
        data=None if outputs else dict(output),
        cost=cost,
    )


def ended_badly(task_id: str, body: Mapping[str, Any], error: object = None) -> Report:
    """What an error says; `error` is what fal's record adds to it."""
    detail = body.get("detail")
    problems = [one for one in detail if isinstance(one, Mapping)] if isinstance(detail, list) else []
    if problems:
        code, said = problems[0].get("type"), "; ".join(filter(None, map(_problem, problems)))
    else:
        code, said = body.get("error_type"), _text(detail) or _text(error)
    code = _text(code) or "failed"
    return Report(
        provider_task_id=task_id,
        state="failed",
        progress=100,
        code=code,
        message=said[:_LONGEST_MESSAGE] or "fal gave no reason.",
        faulty_input=code == _UNREADABLE_PICTURE or is_moderated(said, code),
        cost=None if problems and code not in _NOT_CHARGED else Decimal(0),
    )


def _is_its_own(result: httpx2.Response, body: Mapping[str, Any]) -> bool:
    """Whether an error surely is the request's, and not that of a service that is out of order for the moment."""
    typed = "x-fal-error-type" in result.headers or "error_type" in body or isinstance(body["detail"], list)
    return result.is_client_error or typed


def _problem(problem: Mapping[str, Any]) -> str:
    """One of a model's errors in a line: the field, without the `body` that all begin with, and what is said."""
    where = problem.get("loc")
    parts = [str(part) for part in where if part != "body"] if isinstance(where, list) else []
    said = _text(problem.get("msg"))
    return f"{'.'.join(parts)}: {said}" if parts and said else said


def _urls(output: Mapping[str, Any]) -> Iterator[str]:
    """The files of an output: those of its fields, alone or in lists, that are files, which have a URL."""
    for value in output.values():
        for part in value if isinstance(value, list) else [value]:
            url = part.get("url") if isinstance(part, Mapping) else None
            if isinstance(url, str) and url.startswith(("https://", "http://")):
                yield url


def _cost(request: WireRequest, outputs: int) -> Decimal | None:
    """The dollars of so many outputs, where the price was known: fal itself does not tell."""
    each = request.usd_per_output
    return None if each is None else (each * outputs).quantize(_MICRODOLLAR)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
