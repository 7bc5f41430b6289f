"""Enlarger: a self-hosted job service for AI pictures, and the client for it.

The names below are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from enlarger._version import __version__
from enlarger.renamed import current_name

if TYPE_CHECKING:
    from enlarger.catalog import (
        BuiltInput,
        Credits,
        InputIssue,
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
        RawResponse,
        Result,
        SyncKieApiClient,
        SyncNanoBananaClient,
        SyncTaskHandle,
        TaskHandle,
        TaskPage,
        TaskStatus,
        UploadedFile,
        inputs,
        set_app_info,
        webhooks,
    )
    from enlarger.errors import (
        AccessBlocked,
        AuthenticationFailed,
        ConfigurationError,
        DeadlineExceeded,
        EnlargerError,
        FeatureDisabled,
        InputRefused,
        InsufficientCredits,
        InvalidInput,
        InvalidSignature,
        Maintenance,
        NotFound,
        NotSupported,
        ProtocolError,
        RateLimited,
        ServiceError,
        ServiceUnavailable,
        ServiceUnreachable,
        StorageError,
        SubmissionUnknown,
        TaskCancelled,
        TaskError,
        TaskFailed,
        UnknownModel,
        WaitTimeout,
    )

__all__ = [
    "AccessBlocked",
    "AuthenticationFailed",
    "BuiltInput",
    "Callback",
    "ConfigurationError",
    "Credits",
    "DeadlineExceeded",
    "EnlargerError",
    "FeatureDisabled",
    "InputIssue",
    "InputRefused",
    "InsufficientCredits",
    "InvalidInput",
    "InvalidSignature",
    "KieApiClient",
    "Maintenance",
    "Model",
    "ModelInfo",
    "NanoBananaClient",
    "NotFound",
    "NotSupported",
    "ProtocolError",
    "Quote",
    "RateLimited",
    "RawResponse",
    "Result",
    "ServiceError",
    "ServiceUnavailable",
    "ServiceUnreachable",
    "StorageError",
    "SubmissionUnknown",
    "SyncKieApiClient",
    "SyncNanoBananaClient",
    "SyncTaskHandle",
    "TaskCancelled",
    "TaskError",
    "TaskFailed",
    "TaskHandle",
    "TaskPage",
    "TaskStatus",
    "UnknownModel",
    "UploadedFile",
    "WaitTimeout",
    "__version__",
    "build_input",
    "build_input_or_raise",
    "get_model",
    "inputs",
    "list_models",
    "quote",
    "set_app_info",
    "webhooks",
]


def __getattr__(name: str) -> Any:
    if name == "inputs":
        return import_module("enlarger.client.inputs")
    name = current_name(__name__, name, {"Fault": "InputIssue"})
    if name in __all__:
        for place in ("errors", "catalog", "client"):
            module = import_module(f"enlarger.{place}")
            if name in module.__all__:
                return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
