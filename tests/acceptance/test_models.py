"""The catalogue on the command line."""

from __future__ import annotations

from tests.acceptance.conftest import Start
from tests.conftest import MakePhoto


async def test_models_are_listed_and_shown(start: Start) -> None:
    listed = await start("models", "--task", "upscale", "--provider", "local")
    assert await listed.end() == 0, listed.text
    assert "13 models" in listed.text
    assert "topaz/image-upscale" in listed.text
    shown = await start("models", "show", "nano-banana-edit")
    assert await shown.end() == 0, shown.text
    for words in ("google/nano-banana-edit", "list of image", "at most 10 items", "4 credits per image", '"model":'):
        assert words in shown.text
    for arguments in (("models", "--task", "nothing"), ("models", "show", "nothing")):
        wrong = await start(*arguments)
        assert await wrong.end() == 6
        assert "is not known: choose one of" in wrong.text or "There is no model 'nothing'" in wrong.text


async def test_a_quote_measures_a_local_picture(start: Start, make_photo: MakePhoto) -> None:
    picture = make_photo("a.png", 600, 20)
    quoted = await start("quote", "topaz/image-upscale", "-i", f"image_url={picture}", "-i", "upscale_factor=4")
    assert await quoted.end() == 0, quoted.text
    assert quoted.text == "20 credits ($0.1)\n"
    unknown = await start("quote", "topaz/image-upscale", "-i", "image_url=https://example.com/a.png")
    assert await unknown.end() == 0
    assert unknown.text == "at most 40 credits ($0.2): it depends on output\n"
    given = ("quote", "z-image", "-i", "prompt=x", "-i", "aspect_ratio=1:1", "-i")
    for fields, says, code in (
        (["foo=1"], "has no field 'foo'", 0),
        (["foo=1", "--strict"], "has no field 'foo'", 6),
        (["foo"], "is not FIELD=VALUE", 6),
    ):
        wrong = await start(*given, *fields)
        assert await wrong.end() == code
        assert says in wrong.text
