"""Enlarger: a self-hosted job service for AI pictures, and the client for it."""

__version__ = "0.1.0"

__all__ = ["__version__"]
