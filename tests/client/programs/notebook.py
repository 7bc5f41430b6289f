"""Cells of a notebook, in an event loop that runs already; the user interrupts a cell that waits."""

import ast
import asyncio
import inspect
import signal
from types import CodeType
from typing import Any

CELLS = (
    """
from enlarger import KieApiClient, SyncKieApiClient
client = KieApiClient()
result = await client.run("google/nano-banana", {"prompt": "a room"})
print("awaited", len(await client.read(result)) > 1000)
""",
    """
plain = SyncKieApiClient()
print("plain", plain.run("google/nano-banana", {"prompt": "another room"}).status.succeeded)
""",
    """
task = await client.submit("google/nano-banana", {"prompt": "a third room [sandbox slow 600]"})
await task.result(on_progress=lambda status: print("waiting", flush=True))
""",
    """
print("after", (await client.cancel(task.id)).state, await client.credits() == plain.credits())
""",
    """
task = plain.submit("google/nano-banana", {"prompt": "a fourth room [sandbox slow 600]"})
task.result(on_progress=lambda status: print("waiting", flush=True))
""",
    """
print("after", task.cancel().state, await client.credits() == plain.credits())
await client.aclose()
plain.close()
""",
)


async def run_cell(code: CodeType, names: dict[str, Any]) -> None:
    """Run a cell as IPython does; Ctrl-C is a KeyboardInterrupt in plain code, and cancels what is awaited."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        waits = eval(code, names)  # as a kernel does
        if inspect.isawaitable(waits):
            running = asyncio.ensure_future(waits)
            signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(running.cancel))
            loop = asyncio.get_running_loop()
            await running
    except (KeyboardInterrupt, asyncio.CancelledError) as error:
        print("interrupted", "resume the wait" in str(error.__notes__).lower(), flush=True)


async def kernel() -> None:
    names: dict[str, Any] = {}
    for cell in CELLS:
        await run_cell(compile(cell, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)


if __name__ == "__main__":
    asyncio.new_event_loop().run_until_complete(kernel())
