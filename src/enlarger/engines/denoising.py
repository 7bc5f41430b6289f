"""How much noise is removed before a picture is enlarged."""

from __future__ import annotations

from enlarger.engines.networks import network_spec

MOST = 100
"""The highest `denoise`, at which the denoiser's picture is enlarged; at 0 the source is, between them a mixture."""
DENOISER = network_spec("waifu2x-denoise-3")
"""Its strongest level: the weaker ones leave noise as it is, and JPEG's traces when these are strong."""
