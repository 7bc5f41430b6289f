"""Every error that Enlarger raises on purpose, in one tree.

`base.py` has the errors that any part may raise, `service.py` the reasons why the service rejects or cannot carry out a
request, `engine.py` the local engine's errors, `provider.py` those of hosted providers, and `client.py` (ServiceError
and below) those that a client raises about a service. A service's RequestLimitReached, for example, reaches a
client as RateLimited. A test compares this tree with the classes.

    EnlargerError                      500
    ├── InvalidInput                   422  a field of the task is wrong; `field` names it
    │   ├── UnknownModel                    the catalogue has no such model
    │   ├── ModelUnavailable                no configured provider runs it
    │   ├── ModelSwitchedOff           505  the operator does not offer it
    │   └── IdempotencyConflict             the key was used with another body
    ├── ConfigurationError                  a setting is missing or wrong
    │   └── DataDirectoryError              the data directory cannot be used
    │       └── DataDirectoryInUse          another process holds it
    ├── StorageError                        a stored file cannot be read or written
    │   ├── FileMissing                404  it does not exist, or no longer does
    │   └── StorageUnavailable         503  the storage, or this machine's disk, does not work now; `retry_after`
    │       └── StorageFull                 its disk is full
    ├── Interrupted                         a command was stopped, by Ctrl-C or SIGTERM
    │
    ├── InvalidRequest                 400  the request is not what the route accepts
    │   └── BodyTooSlow                408  its body arrives too slowly
    ├── ApiKeyRejected                 401  no API key, or an unknown one
    ├── UnknownTask                    422  no such task on this account
    ├── BalanceTooLow                  402  the account cannot afford the task
    ├── KeyCapReached                  433  the key would exceed its spending limit
    ├── RetryLater                          not now; `retry_after`
    │   ├── RequestLimitReached        429  the account or key has reached its limit of requests or open tasks
    │   ├── RequestInFlight            409  the same request is still being processed
    │   ├── NewTasksPaused             455  the operator has paused new tasks
    │   └── ServiceOverloaded          503  the service cannot take more at the moment
    ├── SourceUnavailable              451  an input's URL returned no picture
    │   └── AddressRefused                  it is one that is never requested
    ├── BudgetReached                  402  a provider or account would exceed its budget in dollars
    ├── StorageQuotaReached            413  the account would store too many bytes
    ├── DatabaseUnavailable            503  Postgres cannot be reached; `retry_after`
    │   └── PostgresError                   the embedded Postgres cannot run
    ├── ToolRefusal                         a tool for agents did not do what it was asked for
    ├── BackupError                         a backup cannot be made, is damaged, or cannot be restored there
    ├── StaleClaim                          another worker holds the task now
    │
    ├── PictureError                   422  the picture cannot be used
    │   ├── PictureUnreadable               empty, truncated, or not a picture
    │   ├── PictureUnsupported              of a type or kind that is not supported
    │   ├── PictureTooLarge                 too many bytes or pixels
    │   └── NoForeground                    nothing in it could be cut out
    ├── EngineError                    501  the engine could not produce the picture
    │   ├── EngineUnavailable               its weights or libraries are missing
    │   │   ├── NetworkUnsupported          this engine does not know a layer of the network
    │   │   └── WeightsMissing              a network's weights are not here, and can be fetched
    │   ├── EngineOutOfMemory               it needs more memory than it may use
    │   ├── NoRoomBesideLong                a short order needs more than a long one leaves
    │   ├── EngineTimeout                   it exceeded its time limit
    │   ├── EngineCrashed                   its process died
    │   └── BadOutput                       black, broken, or unlike its source
    │
    ├── ProviderError                       a provider did not do what it was asked to; `retry_after`
    │   ├── SubmissionRefused               it certainly did not accept the task; `reason` says why
    │   ├── AcceptanceUnknown               it may have accepted the task
    │   ├── ProviderSilent                  it cannot say now what became of a task, or takes no files
    │   ├── ResultGone                      its result no longer exists
    │   └── ResultUnusable                  its result cannot be downloaded, however often that is tried
    │       └── ResultTooLarge              the result has too many bytes or pixels
    ├── RouteUnfit                     422  a provider cannot do what the task asks for
    │
    └── ServiceError                     0  what a service answered to a client
        ├── AuthenticationFailed       401  no API key, or a wrong one
        ├── AccessBlocked              403  the service refuses this machine's address
        ├── InsufficientCredits        402  the account, or the key, has too few credits left
        ├── NotFound                   404  no such task, result or model
        ├── InputRefused               422  a field is wrong; this is an InvalidInput, too
        │   └── FeatureDisabled        505  the model, or what was asked for, is switched off there
        ├── RateLimited                429  too many requests; `retry_after`
        ├── Maintenance                455  closed for maintenance
        ├── NotSupported                    this service has no such route
        ├── ServiceUnavailable         500  it failed, or could not accept the request; `retry_after`
        │   ├── ServiceUnreachable       0  no answer at all
        │   │   └── DeadlineExceeded        the deadline passed before the task was sent
        │   └── SubmissionUnknown        0  no answer says whether the task was created
        ├── ProtocolError                   an answer that is not the jobs API's
        ├── InvalidSignature                a callback that is not certainly the service's
        └── TaskError                       about one task; `task_id`
            ├── TaskFailed             501  it ended in `fail`, for the provider's reason
            │   └── TaskCancelled           because its app cancelled it
            └── WaitTimeout                 it has not ended yet; `resume` resumes the wait

The number is `code`, the KIE body code that goes with an error's meaning: it is what the API answers, and what a failed
task's `failCode` says. Where there is none, it is the parent's. An error's message is one sentence for the person who
can fix the problem: it names the field, what is wrong with the value, and the remedy. It never contains a key, a token
or a URL's query.

The `code` of an error below ServiceError is the one that the service answered with; 0 is no answer.
"""

from __future__ import annotations

from typing import Any

from enlarger.errors.base import (
    ConfigurationError,
    DataDirectoryError,
    DataDirectoryInUse,
    EnlargerError,
    Interrupted,
    InvalidInput,
    StorageError,
    UnknownModel,
)
from enlarger.errors.client import (
    AccessBlocked,
    AuthenticationFailed,
    DeadlineExceeded,
    FeatureDisabled,
    InputRefused,
    InsufficientCredits,
    InvalidSignature,
    Maintenance,
    NotFound,
    NotSupported,
    ProtocolError,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    ServiceUnreachable,
    SubmissionUnknown,
    TaskCancelled,
    TaskError,
    TaskFailed,
    WaitTimeout,
)
from enlarger.errors.engine import (
    BadOutput,
    EngineCrashed,
    EngineError,
    EngineOutOfMemory,
    EngineTimeout,
    EngineUnavailable,
    NetworkUnsupported,
    NoForeground,
    NoRoomBesideLong,
    PictureError,
    PictureTooLarge,
    PictureUnreadable,
    PictureUnsupported,
    WeightsMissing,
)
from enlarger.errors.provider import (
    AcceptanceUnknown,
    ProviderError,
    ProviderSilent,
    RefusalReason,
    ResultGone,
    ResultTooLarge,
    ResultUnusable,
    RouteUnfit,
    SubmissionRefused,
)
from enlarger.errors.service import (
    AddressRefused,
    ApiKeyRejected,
    BackupError,
    BalanceTooLow,
    BodyTooSlow,
    BudgetReached,
    DatabaseUnavailable,
    FileMissing,
    IdempotencyConflict,
    InvalidRequest,
    KeyCapReached,
    ModelSwitchedOff,
    ModelUnavailable,
    NewTasksPaused,
    PostgresError,
    RequestInFlight,
    RequestLimitReached,
    RetryLater,
    ServiceOverloaded,
    SourceUnavailable,
    StaleClaim,
    StorageFull,
    StorageQuotaReached,
    StorageUnavailable,
    ToolRefusal,
    UnknownTask,
)
from enlarger.renamed import current_name

__all__ = [
    "AcceptanceUnknown",
    "AccessBlocked",
    "AddressRefused",
    "ApiKeyRejected",
    "AuthenticationFailed",
    "BackupError",
    "BadOutput",
    "BalanceTooLow",
    "BodyTooSlow",
    "BudgetReached",
    "ConfigurationError",
    "DataDirectoryError",
    "DataDirectoryInUse",
    "DatabaseUnavailable",
    "DeadlineExceeded",
    "EngineCrashed",
    "EngineError",
    "EngineOutOfMemory",
    "EngineTimeout",
    "EngineUnavailable",
    "EnlargerError",
    "FeatureDisabled",
    "FileMissing",
    "IdempotencyConflict",
    "InputRefused",
    "InsufficientCredits",
    "Interrupted",
    "InvalidInput",
    "InvalidRequest",
    "InvalidSignature",
    "KeyCapReached",
    "Maintenance",
    "ModelSwitchedOff",
    "ModelUnavailable",
    "NetworkUnsupported",
    "NewTasksPaused",
    "NoForeground",
    "NoRoomBesideLong",
    "NotFound",
    "NotSupported",
    "PictureError",
    "PictureTooLarge",
    "PictureUnreadable",
    "PictureUnsupported",
    "PostgresError",
    "ProtocolError",
    "ProviderError",
    "ProviderSilent",
    "RateLimited",
    "RefusalReason",
    "RequestInFlight",
    "RequestLimitReached",
    "ResultGone",
    "ResultTooLarge",
    "ResultUnusable",
    "RetryLater",
    "RouteUnfit",
    "ServiceError",
    "ServiceOverloaded",
    "ServiceUnavailable",
    "ServiceUnreachable",
    "SourceUnavailable",
    "StaleClaim",
    "StorageError",
    "StorageFull",
    "StorageQuotaReached",
    "StorageUnavailable",
    "SubmissionRefused",
    "SubmissionUnknown",
    "TaskCancelled",
    "TaskError",
    "TaskFailed",
    "ToolRefusal",
    "UnknownModel",
    "UnknownTask",
    "WaitTimeout",
    "WeightsMissing",
]

_RENAMED = {
    "NotAuthenticated": "ApiKeyRejected",
    "NotEnoughCredits": "BalanceTooLow",
    "SubmissionUnclear": "AcceptanceUnknown",
    "TooManyRequests": "RequestLimitReached",
    "UnderMaintenance": "NewTasksPaused",
}
"""Names of 0.1, deprecated; they will be removed in 0.3."""


def __getattr__(name: str) -> Any:
    if name not in _RENAMED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals()[current_name(__name__, name, _RENAMED)]
