"""What happens to tasks after they are made, away from the API: one module a duty."""

from enlarger.worker.config import WorkerConfig
from enlarger.worker.run import Worker

__all__ = ["Worker", "WorkerConfig"]
