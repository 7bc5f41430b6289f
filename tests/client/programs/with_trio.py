"""Draws 8 pictures at once on trio, into a folder: `with_trio.py FOLDER`."""

import sys
from pathlib import Path

import trio

from enlarger import KieApiClient


async def draw(client: KieApiClient, picture: Path) -> None:
    result = await client.run("google/nano-banana", {"prompt": f"a room for {picture.name}"}, deadline=60)
    await client.download(result, picture)


async def main(folder: Path) -> None:
    async with KieApiClient() as client:
        async with trio.open_nursery() as nursery:
            for number in range(8):
                nursery.start_soon(draw, client, folder / f"{number}.png")
        with trio.move_on_after(0.5):  # a caller that does not want to wait goes on
            await client.run("google/nano-banana", {"prompt": "a slow room [sandbox slow 600]"})
        print("went on with", await client.credits() > 0)


if __name__ == "__main__":
    trio.run(main, Path(sys.argv[1]))
