"""The HTTP API: thin handlers that parse, call one thing, and answer."""

from enlarger.server.app import create_app
from enlarger.server.dependencies import Service
from enlarger.server.listen import serve

__all__ = ["Service", "create_app", "serve"]
