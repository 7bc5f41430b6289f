"""Says why the first picture takes longer: the engines of this machine are measured before it."""

from __future__ import annotations

from enlarger.catalog.model import LOCAL, Model
from enlarger.catalog.own import find_own
from enlarger.cli.output import Output
from enlarger.cli.session import Session, Where


async def announce_measuring(
    session: Session, where: Where, model: Model, output: Output, *, denoise: bool = False
) -> None:
    """Announce that the service of this command's own will measure the engines, if it will.

    `denoise` says that noise is to be removed before, which is a network of its own.
    """
    if not session.own or model.engine is None:
        return
    # A service of our own has the packages that these need.
    from enlarger.engines.auto import candidates
    from enlarger.engines.denoising import DENOISER
    from enlarger.engines.record import read_record
    from enlarger.infra.data_directory import DataDirectory
    from enlarger.providers.local.settings import LocalSettings
    from enlarger.settings import read_settings

    settings = read_settings(LocalSettings, data_dir=where.data_dir)
    record = read_record(DataDirectory(settings.data_dir).cache)
    measured = record.networks if record else {}
    own = find_own(model, settings.models_folder)
    specs = [own.spec(settings.models_folder)] if own else candidates(model.engine.network)
    known = any(spec.measured_as in measured for spec in specs)
    if settings.engine or (known and (not denoise or DENOISER.measured_as in measured)):
        return
    listed = await session.call(lambda client: client.models())
    if any(one.id == model.id and (one.raw.get("runsOn") or [""])[0] == LOCAL for one in listed):
        output.hint("Measuring which engine is fastest on this machine (once for each model, 10 seconds or more).")
