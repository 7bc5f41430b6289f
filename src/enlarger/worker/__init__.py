"""Processes tasks after the API has created them: one module a duty."""

from enlarger.worker.config import WorkerConfig
from enlarger.worker.run import Worker

__all__ = ["Worker", "WorkerConfig"]
