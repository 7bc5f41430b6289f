"""Every error has the exit code that says what to do about it."""

from __future__ import annotations

import pytest

from enlarger import errors
from enlarger.cli.exit_codes import exit_code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ConfigurationError("x"), 1),
        (errors.NotSupported("x"), 1),
        (errors.StorageError("x"), 1),
        (errors.AuthenticationFailed("x"), 3),
        (errors.AccessBlocked("x"), 3),
        (errors.InsufficientCredits("x"), 4),
        (errors.NotFound("x"), 5),
        (errors.InvalidInput("field", "x"), 6),
        (errors.InputRefused("x"), 6),
        (errors.FeatureDisabled("x"), 6),
        (errors.RateLimited("x"), 7),
        (errors.ServiceUnreachable("x"), 7),
        (errors.Maintenance("x"), 7),
        (errors.TaskFailed("x"), 8),
        (errors.TaskCancelled("x"), 8),
        (errors.WaitTimeout("x"), 9),
        (errors.Interrupted("x"), 130),
    ],
)
def test_exit_codes(error: errors.EnlargerError, code: int) -> None:
    assert exit_code(error) == code


def test_a_task_that_may_have_been_made_is_not_told_like_one_that_can_be_tried_again() -> None:
    """A script that repeats a command at code 7 must not pay twice."""
    assert exit_code(errors.SubmissionUnknown("x")) == 10
