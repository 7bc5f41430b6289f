"""From Replicate's record of a prediction to a report."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from enlarger.errors import ResultGone
from enlarger.protocol.moderation import is_moderated
from enlarger.providers.base import Report, WireRequest
from enlarger.providers.replicate.answers import is_id

_ENDED_BADLY = ("failed", "canceled", "aborted")
"""`aborted` is what was called off before it began, `canceled` afterwards."""
_FAULTY = re.compile(r"\b(invalid|unsupported|not supported)\b", re.IGNORECASE)
_CODE = re.compile(r"\((?:code: )?([A-Z]{1,3}[0-9]{0,6})\)\s*$")
"""Many models end their messages with a code, such as (E005)."""
_MICRODOLLAR = Decimal("0.000001")
_LONGEST_MESSAGE = 1000


def read_report(record: Mapping[str, Any], request: WireRequest) -> Report | None:
    """What a record says; None where it is none.

    A success of which the output is not there yet is still running: it follows. Raises ResultGone when the output has
    been deleted.
    """
    prediction_id, status = record.get("id"), record.get("status")
    if not is_id(prediction_id) or not isinstance(status, str):
        return None
    if status in _ENDED_BADLY:
        return _failed(prediction_id, status, record, request)
    output = record.get("output")
    if status == "succeeded" and record.get("data_removed") is True and not output:
        raise ResultGone("Replicate has deleted the result, which it keeps for an hour.")
    if status != "succeeded" or output in (None, "", [], {}):
        return Report(provider_task_id=prediction_id, state="running")
    outputs = _urls(output)
    return Report(
        provider_task_id=prediction_id,
        state="succeeded",
        progress=100,
        outputs=outputs,
        data=None if outputs else _data(output),
        cost=_cost(request, max(1, len(outputs))),
        seconds=_seconds(record),
        ended_at=read_time(record.get("completed_at")),
    )


def read_time(value: object) -> datetime | None:
    """A time as the API writes it; None where it is none."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _failed(prediction_id: str, status: str, record: Mapping[str, Any], request: WireRequest) -> Report:
    error = record.get("error")
    said = error.strip() if isinstance(error, str) else ""
    code = _CODE.search(said)
    return Report(
        provider_task_id=prediction_id,
        state="failed",
        progress=100,
        code=code[1] if code else status,
        message=said[:_LONGEST_MESSAGE] or f"Replicate gave no reason: the prediction was {status}.",
        faulty_input=status == "failed" and (is_moderated(said) or _FAULTY.search(said) is not None),
        # What is called off while it runs may cost its time.
        cost=None if status == "canceled" else _cost(request, 0),
        seconds=_seconds(record),
        ended_at=read_time(record.get("completed_at")),
    )


def _urls(output: object) -> tuple[str, ...]:
    """The files of an output: a URL, or URLs in a list or an object."""
    if isinstance(output, str):
        return (output,) if output.startswith(("https://", "http://")) else ()
    if isinstance(output, Mapping):
        output = list(output.values())
    if isinstance(output, list):
        return tuple(url for part in output if isinstance(part, str) for url in _urls(part))
    return ()


def _data(output: object) -> dict[str, Any]:
    return output if isinstance(output, dict) else {"result": output}


def _cost(request: WireRequest, outputs: int) -> Decimal | None:
    """The dollars of so many outputs, where the price was known: Replicate itself does not tell."""
    each = request.usd_per_output
    return None if each is None else (each * outputs).quantize(_MICRODOLLAR)


def _seconds(record: Mapping[str, Any]) -> float | None:
    metrics = record.get("metrics")
    seconds = metrics.get("predict_time") if isinstance(metrics, Mapping) else None
    usable = isinstance(seconds, int | float) and not isinstance(seconds, bool) and math.isfinite(seconds)
    return float(seconds) if usable and seconds is not None and seconds >= 0 else None
