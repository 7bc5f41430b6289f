"""Changes a photo as a sentence says, with the SDK: `python examples/redesign.py photo.jpg "a Scandinavian bedroom"`.

The service is the hosted one, or the one at KIE_BASE_URL; the key is in KIE_API_KEY.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from enlarger import KieApiClient, TaskStatus
from enlarger.errors import EnlargerError, TaskFailed, WaitTimeout

MODEL = "google/nano-banana-edit"


def show(status: TaskStatus) -> None:
    """Tell how the task stands."""
    progress = "" if status.progress is None else f" {status.progress}%"
    print(f"{status.state}{progress}", file=sys.stderr)


async def redesign(photo: Path, wish: str, target: Path) -> Path:
    """Have the photo changed; returns where the new one is."""
    wanted = {"image_urls": [photo], "prompt": wish}
    async with KieApiClient() as client:
        price = await client.quote(MODEL, wanted)
        print(f"{price.amount or 0:g} credits", file=sys.stderr)
        handle = await client.submit(MODEL, wanted)
        print(f"task {handle.id}", file=sys.stderr)
        try:
            result = await handle.result(on_progress=show)
        except WaitTimeout as timeout:
            result = await client.task(timeout.task_id or handle.id, model=MODEL).result(deadline=600)
        [file] = await client.download(result, target)
        return file


def main() -> int:
    """Read the arguments, and tell errors in a sentence."""
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    photo = Path(sys.argv[1])
    try:
        print(asyncio.run(redesign(photo, sys.argv[2], photo.with_stem(f"{photo.stem}-redesigned"))))
    except TaskFailed as failure:
        print(f"The provider says: {failure.message}", file=sys.stderr)
        return 1
    except EnlargerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
