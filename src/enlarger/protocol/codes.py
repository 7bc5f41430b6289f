"""The body codes of the KIE jobs API. An answer is an error when its HTTP status or its body code says so."""

from __future__ import annotations

OK = 200
UNAUTHORIZED = 401
NOT_FOUND = 404
METHOD_NOT_ALLOWED = 405
VALIDATION = 422
SERVER_ERROR = 500
GENERATION_FAILED = 501
"""Of an answer that comes with the end of a task, a bad one."""

CANCELLED = "cancelled"
"""The `failCode` of a task that its app called off; the hosted service has no such thing."""

KEY_REUSED = "idempotency_key_reused"
"""The code of the fault in `errors` where an `Idempotency-Key` was used for another request."""

NO_RECORD = "recordInfo is null"
"""The hosted service's words for a task that it does not know, or not yet; they come with 422."""
