"""Names of files that come from somewhere else are safe here."""

from __future__ import annotations

import pytest

from enlarger.protocol.names import safe_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("room.jpg", "room.jpg"),
        ("ключ 钥匙.jpg", "ключ 钥匙.jpg"),
        ("C:\\photos\\a?.jpg", "a_.jpg"),
        ("C:evil.png", "C_evil.png"),
        ("../../etc/passwd", "passwd"),
        ("..", "picture"),
        ("/", "picture"),
        ("", "picture"),
        ("a\x00b\n.png", "a_b_.png"),
        ("\udcff.png", "_.png"),
        ("x" * 500 + ".jpeg", "x" * 115 + ".jpeg"),
        ("x." + "y" * 500, "x." + "y" * 118),
    ],
)
def test_a_name_is_made_safe(given: str, kept: str) -> None:
    assert safe_name(given, otherwise="picture") == kept
