"""A web app's workers, as gunicorn forks them from an app that it has loaded: one client, 8 threads in each worker."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from enlarger import SyncKieApiClient

client = SyncKieApiClient()  # once for the module, as in a Django app
WORKERS, THREADS = 2, 8


def view(number: int) -> str:
    """Answers a request."""
    return client.run("google/nano-banana", {"prompt": f"a room of worker {os.getpid()}, number {number}"}).url


def serve() -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        links = {*threads.map(view, range(THREADS))}
    print("answered", len(links), flush=True)


def main() -> None:
    client.credits()  # the client has connections before the workers are forked
    workers = []
    for _ in range(WORKERS):
        worker = os.fork()
        if worker == 0:
            serve()
            sys.exit()
        workers.append(worker)
    for worker in workers:
        if os.waitpid(worker, 0)[1] != 0:
            sys.exit("a worker failed")
    client.credits()  # and they are still its own


if __name__ == "__main__":
    main()
