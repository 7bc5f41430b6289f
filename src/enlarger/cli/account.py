"""`enlarger credits` and `enlarger upload`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from enlarger.cli.output import Output
from enlarger.cli.session import Session
from enlarger.cli.streams import Piped, is_piped
from enlarger.client import KieApiClient
from enlarger.errors import InvalidInput
from enlarger.protocol.inline import is_url


async def show_credits(session: Session, output: Output) -> None:
    """Print the balance."""
    credits = await session.call(lambda client: client.credits())
    output.lines([f"{credits:.12g}"], {"credits": credits})


async def upload(session: Session, output: Output, *, sources: Sequence[str], name: str | None) -> None:
    """Upload files, or have the service fetch URLs; prints the URL of each."""
    if name is not None and len(sources) > 1:
        raise InvalidInput("--name", "--name is for one file: upload them one by one, or leave it out.")
    missing = [source for source in sources if not (is_url(source) or is_piped(source) or Path(source).is_file())]
    if missing:
        raise InvalidInput("FILE", f"There is no file {missing[0]}.")
    stored = []
    with Piped() as piped, output.hints.status("uploading") as status:
        for number, source in enumerate(sources, 1):
            status.update(f"uploading {number}/{len(sources)}")
            file = piped.file(source) if is_piped(source) else source
            stored.append(await session.call(partial(KieApiClient.upload, source=file, name=name)))
    output.lines([file.url for file in stored], [file.raw for file in stored])
