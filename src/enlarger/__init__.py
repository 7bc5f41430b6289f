"""Enlarger: a self-hosted job service for AI pictures, and the client for it.

The names below are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from enlarger.catalog import (
        BuiltInput,
        Credits,
        Fault,
        Model,
        build_input,
        build_input_or_raise,
        get_model,
        list_models,
        quote,
    )
    from enlarger.client import (
        Callback,
        KieApiClient,
        ModelInfo,
        NanoBananaClient,
        Quote,
        Result,
        SyncKieApiClient,
        SyncTaskHandle,
        TaskHandle,
        TaskStatus,
        UploadedFile,
        webhooks,
    )

__version__ = "0.1.0"

__all__ = [
    "BuiltInput",
    "Callback",
    "Credits",
    "Fault",
    "KieApiClient",
    "Model",
    "ModelInfo",
    "NanoBananaClient",
    "Quote",
    "Result",
    "SyncKieApiClient",
    "SyncTaskHandle",
    "TaskHandle",
    "TaskStatus",
    "UploadedFile",
    "__version__",
    "build_input",
    "build_input_or_raise",
    "get_model",
    "list_models",
    "quote",
    "webhooks",
]

_CATALOG = {
    "BuiltInput",
    "Credits",
    "Fault",
    "Model",
    "build_input",
    "build_input_or_raise",
    "get_model",
    "list_models",
    "quote",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("enlarger.catalog" if name in _CATALOG else "enlarger.client"), name)


def __dir__() -> list[str]:
    return __all__
