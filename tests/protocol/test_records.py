from __future__ import annotations

import base64
import random
from collections.abc import Callable
from urllib.parse import quote_plus

import msgspec
import pytest

from enlarger.errors import InvalidInput
from enlarger.protocol.inline import check_url, decode_inline, is_url
from enlarger.protocol.records import Envelope, TaskRecord, encode_callback, encode_param, encode_result

_RECORD = TaskRecord(task_id="1", model="m", state="waiting", param="{}", create_time=1)


def test_the_keys_of_a_record_have_the_hosted_services_order() -> None:
    assert list(msgspec.to_builtins(_RECORD)) == [
        "taskId", "model", "state", "param", "resultJson", "failCode", "failMsg", "costTime", "completeTime",
        "createTime", "creditsConsumed",
    ]  # fmt: skip


def test_what_is_pending_has_an_empty_result_and_nulls() -> None:
    record = msgspec.to_builtins(_RECORD)
    assert record["resultJson"] == ""
    assert [record[name] for name in ("failCode", "failMsg", "costTime", "completeTime")] == [None] * 4
    assert "progress" not in record


def test_param_holds_the_input_encoded_twice() -> None:
    param = msgspec.json.decode(
        encode_param({"model": "topaz/image-upscale", "input": {"image_url": "http://a"}, "callBackUrl": "http://b"})
    )
    assert param["model"] == "topaz/image-upscale"
    assert param["callBackUrl"] == "http://b"
    assert msgspec.json.decode(param["input"]) == {"image_url": "http://a"}
    assert "callBackUrl" not in msgspec.json.decode(encode_param({"model": "m", "input": {}, "callBackUrl": None}))


def test_result_urls_are_read_back() -> None:
    record = msgspec.structs.replace(_RECORD, state="success", result_json=encode_result(["http://a", "http://b"]))
    assert record.result_urls == ["http://a", "http://b"]
    assert _RECORD.result_urls == []


def test_an_envelope_has_both_spellings_and_data_only_when_it_is_set() -> None:
    assert msgspec.to_builtins(Envelope(code=401, msg="no", message="no")) == {
        "code": 401,
        "msg": "no",
        "message": "no",
    }
    assert msgspec.to_builtins(Envelope[None](code=422, msg="x", message="x", data=None))["data"] is None


def test_a_callback_names_its_task_in_every_spelling() -> None:
    done = encode_callback(msgspec.structs.replace(_RECORD, state="success", result_json=encode_result(["u"])))
    assert (done["code"], done["msg"]) == (200, "Playground task completed successfully.")
    assert done["taskId"] == done["data"]["taskId"] == done["data"]["task_id"] == "1"
    failed = encode_callback(msgspec.structs.replace(_RECORD, state="fail", fail_code="500"))
    assert (failed["code"], failed["msg"], failed["data"]["resultJson"]) == (501, "Playground task failed.", None)


@pytest.mark.parametrize(
    "value",
    [
        "data:image/png;base64,aGVsbG8gd29ybGQh",
        "data:;base64,aGVsbG8gd29ybGQh",
        "data:image/png;name=a.png;base64,aGVs\nbG8gd29ybGQh",
        "DATA:IMAGE/PNG;BASE64,aGVsbG8gd29ybGQh",
        'data:image/png;name="a;b,c.png"; base64,aGVsbG8gd29ybGQh',
        "data:image/png;base64,aGVsbG8%67d29ybGQh%0A",
        "data:image/png,hello%20world%21",
        "data:,hello world!",
        "aGVsbG8gd29ybGQhaGVsbG8gd29ybGQhaGVsbG8gd29ybGQh",
    ],
)
def test_inline_pictures_are_decoded(value: str) -> None:
    assert decode_inline("image", value).startswith(b"hello world!")


def test_any_byte_can_be_in_a_data_url() -> None:
    content = bytes(range(256))
    percent = "".join(f"%{byte:02x}" for byte in content)
    encoded = quote_plus(base64.b64encode(content))
    assert decode_inline("image", f"data:image/png,{percent}") == content
    assert decode_inline("image", f"Data:image/png;Base64,{encoded}") == content


def test_url_safe_and_unpadded_base64_is_taken() -> None:
    assert decode_inline("image", "data:image/png;base64,-_8") == b"\xfb\xff"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("photo.jpg", "is not a picture"),
        ("data:image/png;base64", "is not a picture"),
        ("/home/me/pictures/holiday/2026/beach.jpg!", "neither an http"),
        ("data:image/png;base64,???", "neither an http"),
    ],
)
def test_what_is_neither_url_nor_base64_is_refused(value: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        decode_inline("image", value)
    assert caught.value.field == "image"


def test_urls_need_a_host() -> None:
    assert is_url("HTTP://Example.com")
    assert not is_url("ftp://example.com")
    check_url("image", "https://example.com/a")
    for value in ("http://", "http:///a", "http://[broken", "ftp://a", "a"):
        with pytest.raises(InvalidInput, match=r"must be an http\(s\) URL with a host"):
            check_url("image", value)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 786_431, 786_432, 786_433, 1_600_000])
@pytest.mark.parametrize("alphabet", [base64.standard_b64encode, base64.urlsafe_b64encode])
def test_base64_is_the_same_in_pieces(size: int, alphabet: Callable[[bytes], bytes]) -> None:
    content = random.Random(size).randbytes(size)
    encoded = alphabet(content).decode()
    lines = "\r\n".join(encoded[start : start + 76] for start in range(0, len(encoded), 76))
    for text in (encoded, encoded.rstrip("="), lines, lines + "\n"):
        assert decode_inline("image", f"data:image/png;base64,{text}") == content


@pytest.mark.parametrize("wrong", ["QQ==QQ==", "QQ=A", "A" * (1 << 20) + "*", "A" * ((1 << 20) - 4) + "QQ==QQ=="])
def test_wrong_base64_is_refused_in_any_piece(wrong: str) -> None:
    with pytest.raises(InvalidInput):
        decode_inline("image", f"data:image/png;base64,{wrong}")
