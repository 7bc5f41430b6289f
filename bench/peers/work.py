"""What both peers do for a task, written as in an app that calls KIE directly."""

import os
from pathlib import Path
from typing import Any

PROVIDER_URL = os.environ["PROVIDER_URL"]
PUBLIC_URL = os.environ["PUBLIC_URL"]
FOLDER = Path(os.environ["FOLDER"])
HEADERS = {"Authorization": f"Bearer {os.environ['PROVIDER_KEY']}"}
CREATE = f"{PROVIDER_URL}/api/v1/jobs/createTask"
TIMEOUT = 60.0


def submission(task_id: str, prompt: str) -> dict[str, Any]:
    """The body of the provider's createTask."""
    return {
        "model": "google/nano-banana",
        "input": {"prompt": prompt},
        "callBackUrl": f"{PUBLIC_URL}/webhook/{task_id}",
    }


def store(task_id: str, content: bytes) -> str:
    """Store a result in the folder; returns its path."""
    path = FOLDER / f"{task_id}.png"
    path.write_bytes(content)
    return str(path)


def announcement(task_id: str, path: str) -> dict[str, Any]:
    """The body of the callback."""
    return {"taskId": task_id, "state": "success", "result": path}
