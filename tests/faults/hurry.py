"""A worker's pauses, shorter, so that ten thousand runs fit into minutes; what is done stays the same."""

from __future__ import annotations

from enlarger.providers import Provider
from enlarger.providers.health import HealthConfig
from enlarger.providers.kie import KieProvider
from enlarger.providers.kie.provider import KieConfig
from enlarger.providers.kie.settings import KieSettings
from enlarger.providers.local import LocalEngine
from enlarger.providers.local.settings import LocalSettings
from enlarger.providers.replicate import ReplicateProvider
from enlarger.providers.replicate.provider import ReplicateConfig
from enlarger.providers.replicate.settings import ReplicateSettings
from enlarger.providers.spec import Surroundings
from enlarger.settings import ServiceSettings
from enlarger.worker import WorkerConfig
from enlarger.worker.collect import CollectConfig
from enlarger.worker.deliver import DeliverConfig
from enlarger.worker.dispatch import DispatchConfig
from enlarger.worker.health_monitor import HealthMonitorConfig
from enlarger.worker.line_caller import LineConfig
from enlarger.worker.places import PlacesConfig
from enlarger.worker.poll import PollConfig
from enlarger.worker.schedule import ScheduleConfig
from enlarger.worker.sweep import SweepConfig

QUICK = WorkerConfig(
    dispatch=DispatchConfig(wait_away=(0.2, 0.6), first_question=0.3, fresh=4.0),
    lines=LineConfig(waiting=0.1, idle=0.3),
    poll=PollConfig(lease=2.0, idle=0.3, shortest=0.1, at_once=200),
    # Looks soon, and then ever less often, at tasks that take a third of a second.
    schedule=ScheduleConfig(
        first_guess=0.0, earliest=0.6, shortest=0.4, growth=0.4, longest=10.0, late=3.0, late_growth=0.0
    ),
    collect=CollectConfig(shortest=0.2, longest=2.0, settled=2.0),
    places=PlacesConfig(of_provider=50, of_host=50, of_orphans=20, shortest=0.1),
    deliver=DeliverConfig(pauses=(0.3, 0.6, 1, 2, 4, 8, 16, 32, 64, 128, 256)),
    health=HealthConfig(
        open=0.3, first_probe=0.1, throttled=0.1, longest_throttled=0.3, submit_failures=20, poll_failures=50
    ),
    health_monitor=HealthMonitorConfig(round=0.4),
    sweep=SweepConfig(lost=12.0),
    submissions_at_once=200,
    restart=0.1,
    queue_pause=0.15,
)


def open_quick_providers(settings: ServiceSettings, around: Surroundings) -> dict[str, Provider]:
    """The providers of the matrix; those whose answers get lost are given up soon."""
    assert isinstance(settings, LocalSettings)
    assert isinstance(settings, KieSettings)
    assert isinstance(settings, ReplicateSettings)
    kie = KieConfig(submit=3.0, unseen=0.5)
    replicate = ReplicateConfig(submit=3.0, unseen=0.5, unlisted=9.0, clock_difference=1.0)
    return {
        LocalEngine.name: LocalEngine(settings, around.cache),
        KieProvider.name: KieProvider(settings, around.allowed, config=kie, clock=around.clock),
        ReplicateProvider.name: ReplicateProvider(settings, around.allowed, config=replicate, clock=around.clock),
    }
