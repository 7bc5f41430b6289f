"""Prints the API's description, as a service serves it at /openapi.json: `make typescript`."""

from __future__ import annotations

import json
from typing import cast

from enlarger.server.app import create_app
from enlarger.server.dependencies import Service

if __name__ == "__main__":
    # Nothing is asked of a service while its routes are described.
    print(json.dumps(create_app(cast(Service, None)).openapi_schema.to_schema(), indent=1))
