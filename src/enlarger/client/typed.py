"""Gives `run` and `submit` the types of the models' inputs; at run time the methods stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from enlarger.client.async_handle import TaskHandle
    from enlarger.client.overloads import InputDoesNotFitTheModel, Run, Submit, SyncRun, Unfit
    from enlarger.client.raw import RawResponse
    from enlarger.client.sync_handle import SyncTaskHandle


def typed_run(method: Callable[..., Any]) -> Run:
    """The method, for the asynchronous client."""
    return cast("Run", method)


def typed_submit(method: Callable[..., Any]) -> Submit[Coroutine[Any, Any, TaskHandle], InputDoesNotFitTheModel]:
    """The method, for the asynchronous client."""
    return cast("Submit[Coroutine[Any, Any, TaskHandle], InputDoesNotFitTheModel]", method)


def typed_raw_submit(
    method: Callable[..., Any],
) -> Submit[Coroutine[Any, Any, RawResponse[TaskHandle]], InputDoesNotFitTheModel]:
    """The method, for the raw responses of the asynchronous client."""
    return cast("Submit[Coroutine[Any, Any, RawResponse[TaskHandle]], InputDoesNotFitTheModel]", method)


def typed_sync_run(method: Callable[..., Any]) -> SyncRun:
    """The method, for the synchronous client."""
    return cast("SyncRun", method)


def typed_sync_submit(method: Callable[..., Any]) -> Submit[SyncTaskHandle, Unfit]:
    """The method, for the synchronous client."""
    return cast("Submit[SyncTaskHandle, Unfit]", method)


def typed_sync_raw_submit(method: Callable[..., Any]) -> Submit[RawResponse[SyncTaskHandle], Unfit]:
    """The method, for the raw responses of the synchronous client."""
    return cast("Submit[RawResponse[SyncTaskHandle], Unfit]", method)
