"""How long an open task will still take, in words."""

from __future__ import annotations

from enlarger.catalog.messages import Translate
from enlarger.console.views import say_seconds
from enlarger.server.dependencies import Service
from enlarger.server.estimating import estimate
from enlarger.tasks.records import Task


async def say_left(service: Service, task: Task, tr: Translate) -> str:
    """Roughly when a task ends, in words; empty if it has ended or nothing is known."""
    seconds = None if task.ended else (await estimate(service, task)).ends_in
    return tr("about {time} left", time=say_seconds(seconds, tr)) if seconds else ""
