"""A task queue's two sides, as with Celery: `task_queue.py send QUEUE` makes a task, `… work QUEUE` waits for it."""

import pickle
import sys
from pathlib import Path

from enlarger import SyncKieApiClient, SyncTaskHandle


def send(queue: Path) -> None:
    with SyncKieApiClient() as client:
        handle = client.submit("google/nano-banana", {"prompt": "a room for the queue"})
        queue.write_bytes(pickle.dumps(handle))  # with the client's key in it: whoever reads the queue can use it


def work(queue: Path) -> None:
    handle: SyncTaskHandle = pickle.loads(queue.read_bytes())
    result = handle.result()
    print("done", result.task_id == handle.id, handle.status().succeeded)


if __name__ == "__main__":
    {"send": send, "work": work}[sys.argv[1]](Path(sys.argv[2]))
