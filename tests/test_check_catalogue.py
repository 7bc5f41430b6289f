"""The command that compares the catalogue with a copy of what the hosted service says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scripts.check_catalogue import differences, main

from enlarger.catalog import get_model, list_models
from enlarger.catalog.load import checked, families
from enlarger.catalog.schema import json_schema

pytestmark = pytest.mark.integration  # processes of its own


def described(*ids: str) -> dict[str, Any]:
    """An OpenAPI description of models, as the hosted service writes them."""
    bodies = [
        {"properties": {"model": {"enum": [id]}, "input": {"$ref": f"#/components/schemas/{number}"}}}
        for number, id in enumerate(ids)
    ]
    schemas = {str(number): json_schema(get_model(id)) for number, id in enumerate(ids)}
    content = {"application/json": {"schema": {"oneOf": bodies}}}
    return {
        "openapi": "3.0.1",
        "paths": {"/api/v1/jobs/createTask": {"post": {"requestBody": {"content": content}}}, "/other": {"get": {}}},
        "components": {"schemas": schemas},
    }


def found(page: Any) -> list[str]:
    return list(differences(json.dumps(page)))


def test_nothing_differs_from_the_catalogues_own_description() -> None:
    assert found(described(*(model.id for model in list_models()))) == []


def test_every_kind_of_difference_is_told() -> None:
    page = described("wan/2-7-image", "z-image", "kling/v2-1-pro")
    wan, z, kling = (page["components"]["schemas"][number]["properties"] for number in "012")
    wan["n"] |= {"maximum": 8, "default": 1}
    wan["style"] = {"type": "string"}
    z["aspect_ratio"]["enum"] = ["1:1", "21:9", "16:9", "4:3", "3:4"]
    z["prompt"]["type"] = "array"
    del kling["cfg_scale"]
    page["components"]["schemas"]["2"]["required"] = ["prompt", "tail_image_url"]
    assert found(page) == [
        "kling/v2-1-pro: image_url: required here, not there",
        "kling/v2-1-pro: tail_image_url: required there, not here",
        "kling/v2-1-pro: cfg_scale is only in the catalogue",
        "wan/2-7-image: n: maximum 8 there, 12 here",
        "wan/2-7-image: n: default 1 there, 4 here",
        "wan/2-7-image: style is missing from the catalogue",
        "z-image: aspect_ratio: without 21:9",
        "z-image: aspect_ratio: 9:16 only here",
        "z-image: prompt: array there, string here",
    ]


def test_models_that_only_one_side_has_are_told() -> None:
    listed = [{"model": model.id} for model in list_models(provider="kie") if model.id != "z-image"]
    assert found({"code": 200, "data": {"models": [*listed, {"model": "new/one"}]}}) == [
        "new/one: the catalogue has no such model",
        "z-image: it is only in the catalogue",
    ]


def test_prices_are_compared() -> None:
    entry = {"id": "z-image", "price": {"rules": [{"credits": 0.9}]}}
    assert "z-image: 0.9 credits there, 0.8 here" in found({"models": [entry]})
    rows = [
        {"modelDescription": "Z-Image, text-to-image", "creditPrice": "0.8"},
        {"modelDescription": "nano-banana-pro, 4K", "creditPrice": 25},
        {"modelDescription": "Somebody Else's 9", "creditPrice": 1},
    ]
    assert found(rows) == [
        "nano-banana-pro: 25 credits there (nano-banana-pro, 4K), 18, 24 here",
        "Somebody Else's 9: no model of the catalogue is called that (1 credits)",
    ]


def test_the_service_says_it_in_markdown_with_a_block_of_yaml() -> None:
    page = described("z-image")
    page["components"]["schemas"]["0"]["properties"]["seed"] = {"type": "integer"}
    text = f"# Z-Image\n\n> words\n\n```yaml\n{json.dumps(page, indent=1)}\n```\n\nmore words\n"
    assert list(differences(text)) == ["z-image: seed is missing from the catalogue"]


@pytest.mark.parametrize(("text", "code"), [("[]", 2), ("{", 2), ("a: 1", 2), ('{"paths": {}}', 0)])
def test_a_file_that_is_something_else_is_said_to_be(
    text: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "page.yaml"
    file.write_text(text)
    assert main([str(file)]) == code
    assert ("cannot be compared" in capsys.readouterr().err) == (code == 2)


def test_it_is_a_command(tmp_path: Path) -> None:
    file = tmp_path / "page.json"
    file.write_text(json.dumps(described("z-image")))
    command = [sys.executable, "-m", "scripts.check_catalogue"]
    root = Path(__file__).parents[1]
    done = subprocess.run([*command, str(file)], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "Nothing differs.\n")
    assert subprocess.run(command, cwd=root, capture_output=True, check=False).returncode == 2


def test_every_family_says_when_it_was_compared() -> None:
    assert set(checked()) == set(families())
    assert all(len(month) == 7 and month[:2] == "20" for month in checked().values())
