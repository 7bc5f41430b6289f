"""Writes the JSON Schema of the catalogue's YAML files, for editors: `make docs`."""

from __future__ import annotations

import json

import msgspec

from enlarger.catalog import Model

if __name__ == "__main__":
    schema = msgspec.json.schema(list[Model])
    print(json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=1))
