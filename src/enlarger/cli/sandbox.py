"""Refuses the sandbox's placeholder pictures as results of real photos."""

from __future__ import annotations

from enlarger.catalog import Model
from enlarger.cli.result_origin import SANDBOX
from enlarger.cli.session import Session
from enlarger.errors import ConfigurationError, NotFound, NotSupported, ProtocolError


async def refuse_sandbox(session: Session, model: Model) -> None:
    """Raise ConfigurationError when the service would give a task of `model` to its sandbox first.

    The list of models tells; a service that does not tell is judged by each task's record when it has ended.
    """
    try:
        listed = await session.call(lambda client: client.models())
    except (NotFound, NotSupported, ProtocolError):
        return
    for one in listed:
        runs_on = one.raw.get("runsOn") if one.id == model.id else None
        if isinstance(runs_on, list) and runs_on[:1] == [SANDBOX]:
            raise sandbox_result(model)


def sandbox_result(model: Model) -> ConfigurationError:
    """The error for an unwanted placeholder picture of the sandbox."""
    return ConfigurationError(
        f"The service runs {model.id} in its sandbox, which makes up a picture instead of enlarging yours: nothing was"
        " written. Start it without the sandbox (ENLARGER_SANDBOX, `--sandbox`), or name another service; to write the"
        " sandbox's picture all the same, add --allow-sandbox."
    )
