"""Draws 50 pictures into a folder, 8 at a time: `batch.py FOLDER`. It may be killed and started again."""

import asyncio
import sys
from pathlib import Path

from enlarger import KieApiClient

PROMPTS = [f"a quiet room, number {number}" for number in range(50)]
AT_ONCE = 8


async def draw(client: KieApiClient, number: int, picture: Path) -> None:
    result = await client.run(
        "google/nano-banana",
        {"prompt": PROMPTS[number]},
        idempotency_key=f"{picture.parent.name}-{number}",  # the next start finds the task of this one
    )
    await client.download(result, picture)
    print("drew", picture.name, flush=True)


async def main(folder: Path) -> None:
    limit = asyncio.Semaphore(AT_ONCE)

    async def draw_in_turn(number: int, picture: Path) -> None:
        async with limit:
            await draw(client, number, picture)

    async with KieApiClient() as client, asyncio.TaskGroup() as group:
        for number in range(len(PROMPTS)):
            picture = folder / f"{number}.png"
            if not picture.exists():  # a file is there only once it is whole
                group.create_task(draw_in_turn(number, picture))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
