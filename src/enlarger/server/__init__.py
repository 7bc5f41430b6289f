"""The HTTP API: thin handlers that parse, call one thing, and answer."""

from enlarger.server.app import create_app
from enlarger.server.listen import serve
from enlarger.server.service import Service

__all__ = ["Service", "create_app", "serve"]
