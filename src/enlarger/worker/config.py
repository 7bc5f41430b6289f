"""How a worker can be tuned beyond the operator's settings: its pauses, and how much it does at once."""

from __future__ import annotations

import msgspec

from enlarger.providers.health import HealthConfig
from enlarger.worker.announcer import AnnouncerConfig
from enlarger.worker.collect import CollectConfig
from enlarger.worker.deliver import DeliverConfig
from enlarger.worker.dispatch import DispatchConfig
from enlarger.worker.health_monitor import HealthMonitorConfig
from enlarger.worker.line_caller import LineConfig
from enlarger.worker.places import PlacesConfig
from enlarger.worker.poll import PollConfig
from enlarger.worker.schedule import ScheduleConfig
from enlarger.worker.sweep import SweepConfig


class WorkerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration of each of a worker's duties. The defaults are for production; tests shorten the pauses."""

    dispatch: DispatchConfig = DispatchConfig()
    lines: LineConfig = LineConfig()
    poll: PollConfig = PollConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    collect: CollectConfig = CollectConfig()
    places: PlacesConfig = PlacesConfig()
    deliver: DeliverConfig = DeliverConfig()
    health: HealthConfig = HealthConfig()
    health_monitor: HealthMonitorConfig = HealthMonitorConfig()
    sweep: SweepConfig = SweepConfig()
    announcer: AnnouncerConfig = AnnouncerConfig()
    submissions_at_once: int = 64
    restart: float = 0.5
    """Seconds from the loss of a consumer's connection to its next one."""
    queue_pause: float = 0.0
    """Seconds before each reading of the queue."""
