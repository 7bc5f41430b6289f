"""Gives `run` and `submit` the types of the models' inputs; at run time the methods stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from enlarger.client.overloads import Run, Submit, SyncRun, SyncSubmit


def typed_run(method: Callable[..., Any]) -> Run:
    """The method, for the asynchronous client."""
    return cast("Run", method)


def typed_submit(method: Callable[..., Any]) -> Submit:
    """The method, for the asynchronous client."""
    return cast("Submit", method)


def typed_sync_run(method: Callable[..., Any]) -> SyncRun:
    """The method, for the synchronous client."""
    return cast("SyncRun", method)


def typed_sync_submit(method: Callable[..., Any]) -> SyncSubmit:
    """The method, for the synchronous client."""
    return cast("SyncSubmit", method)
