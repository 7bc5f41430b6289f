"""The answer to a request as it came, together with what it means: `client.with_raw_response`."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from enlarger.client.effects import Flow, Send
from enlarger.client.wire import Reply
from enlarger.errors import NotSupported

T = TypeVar("T")


class RawResponse(Reply, Generic[T], frozen=True, kw_only=True):
    """The response to a call's request; if a call sends several (uploads, then the task), to the last one."""

    _value: T

    def __repr__(self) -> str:
        said = f", request_id={self.request_id!r}" if self.request_id else ""
        return f"RawResponse(status_code={self.status_code}{said})"  # the rest may be secret

    def parse(self) -> T:
        """The value that the method returns without `with_raw_response`."""
        return self._value


def raw(flow: Flow[T]) -> Flow[RawResponse[T]]:
    """Run a flow; returns its value with the reply that it came in.

    Raises NotSupported for a flow that needed no reply, and what the flow raises.
    """
    reply: Reply | None = None
    try:
        step = next(flow)
        while True:
            try:
                answer: Any = yield step
            except BaseException as error:  # noqa: BLE001 - every failure is the flow's to judge
                step = flow.throw(error)
            else:
                if isinstance(step, Send) and step.request.method != "HEAD":  # which only asks what the service can do
                    reply = answer
                step = flow.send(answer)
    except StopIteration as end:
        value: T = end.value
    if reply is None:
        raise NotSupported(
            "This was answered by the catalogue, without a request, so there is no response.",
            remedy="Call the method without with_raw_response.",
        )
    return RawResponse(
        status_code=reply.status_code,
        headers=reply.headers,
        content=reply.content,
        _value=value,
    )
