"""The version, for everything that states it: the package, the wheel, the API and the User-Agent."""

__version__ = "0.1.0"
