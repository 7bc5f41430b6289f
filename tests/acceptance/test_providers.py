"""A whole service before hosted ones: from createTask to the app's callback, and each picture is paid for once."""

from __future__ import annotations

import asyncio
import base64

import httpx2

from enlarger.testing import InjectedFault
from tests.acceptance.outside import PROMPT, Outside, Serve
from tests.conftest import MakePhoto


async def test_by_kies_own_announcement(outside: Outside, serve: Serve) -> None:
    async with serve(webhooks=True) as app:
        record = await app.run(PROMPT)
        assert record["state"] == "success"
        assert await app.attempts(record) == [("kie", "succeeded")]
        assert (await app.picture(record)).startswith(b"\x89PNG")
    (task,) = outside.kie.tasks
    assert task.input["prompt"] == "a small house"
    assert [delivery.status for delivery in outside.kie.callbacks] == [200]
    assert outside.replicate.predictions == ()


async def test_at_replicate_after_kie_has_refused(outside: Outside, serve: Serve) -> None:
    outside.kie.script("createTask", [InjectedFault.TOO_MANY])
    async with serve(webhooks=True) as app:
        record = await app.run(PROMPT)
        assert record["state"] == "success"
        assert await app.attempts(record) == [("kie", "failed"), ("replicate", "succeeded")]
        assert (await app.picture(record)).startswith(b"\x89PNG")
    assert outside.kie.tasks == ()
    assert outside.paid == 1


async def test_at_replicate_after_kie_has_failed(outside: Outside, serve: Serve) -> None:
    outside.kie.fail_next("The service had an accident.", "500")
    async with serve(webhooks=True) as app:
        record = await app.run(PROMPT)
        assert await app.attempts(record) == [("kie", "failed"), ("replicate", "succeeded")]
    assert outside.paid == 1


async def test_by_asking_alone(outside: Outside, serve: Serve) -> None:
    outside.kie.script("createTask", [None, InjectedFault.TOO_MANY])
    async with serve(webhooks=False) as app:
        first, second = await app.run(PROMPT), await app.run(PROMPT)
        assert await app.attempts(first) == [("kie", "succeeded")]
        assert await app.attempts(second) == [("kie", "failed"), ("replicate", "succeeded")]
    assert outside.kie.callbacks == outside.replicate.callbacks == ()
    assert outside.paid == 2


async def test_an_announcement_brings_a_submission_back_whose_answer_was_lost(outside: Outside, serve: Serve) -> None:
    outside.kie.script("createTask", [InjectedFault.CUT_AFTER])
    async with serve(webhooks=True) as app:
        record = await app.run(PROMPT)
        assert record["state"] == "success"
        assert await app.attempts(record) == [("kie", "succeeded")]
    assert outside.paid == 1


async def test_at_fal_after_the_others_have_refused(outside: Outside, serve: Serve) -> None:
    outside.kie.script("createTask", [InjectedFault.TOO_MANY])
    outside.replicate.script("create", [InjectedFault.TOO_MANY])
    async with serve(webhooks=False) as app:
        record = await app.run(PROMPT)
        assert await app.attempts(record) == [("kie", "failed"), ("replicate", "failed"), ("fal", "succeeded")]
        assert (await app.picture(record)).startswith(b"\x89PNG")
    assert outside.paid == 1
    assert outside.fal.callbacks == ()


async def test_fals_announcement_brings_a_submission_back_whose_answer_was_lost(outside: Outside, serve: Serve) -> None:
    outside.fal.script("submit", [InjectedFault.CUT_AFTER])
    async with serve(webhooks=True, routes="fal,kie") as app:
        record = await app.run(PROMPT)
        assert record["state"] == "success"
        assert await app.attempts(record) == [("fal", "succeeded")]
    assert (outside.paid, outside.fal.requests.counts["submit"]) == (1, 1)
    assert outside.fal.requests.counts["status"] == 0, "its signature was believed"


async def test_what_fal_cannot_say_is_not_paid_for_twice(outside: Outside, serve: Serve) -> None:
    outside.fal.script("submit", [InjectedFault.CUT_AFTER])
    async with serve(webhooks=False, routes="fal,kie", deadline=1) as app:
        record = await app.run(PROMPT)
        assert (record["state"], record["failCode"]) == ("fail", "408")
        assert await app.attempts(record) == [("fal", "unknown")]
    assert (len(outside.fal.tasks), len(outside.kie.tasks)) == (1, 0)


async def test_a_list_brings_a_submission_back_whose_answer_was_lost(outside: Outside, serve: Serve) -> None:
    outside.replicate.script("create", [InjectedFault.ERROR_AFTER])
    async with serve(webhooks=False, routes="replicate,kie") as app:
        record = await app.run(PROMPT)
        assert record["state"] == "success"
        assert await app.attempts(record) == [("replicate", "succeeded")]
    assert outside.paid == 1


async def test_what_nobody_can_say_is_told_and_not_paid_for_twice(outside: Outside, serve: Serve) -> None:
    outside.kie.script("createTask", [InjectedFault.CUT_AFTER])
    async with serve(webhooks=False, deadline=1) as app:
        record = await app.run(PROMPT)
        assert (record["state"], record["failCode"]) == ("fail", "408")
        assert "it was not sent again" in record["failMsg"]
        assert await app.attempts(record) == [("kie", "unknown")]
    assert (len(outside.kie.tasks), len(outside.replicate.predictions)) == (1, 0)


async def test_a_picture_that_only_the_app_has_is_brought_to_the_provider(
    outside: Outside, serve: Serve, make_photo: MakePhoto
) -> None:
    photo = make_photo("a.png").read_bytes()
    inline = "data:image/png;base64," + base64.b64encode(photo).decode()
    body = {"model": "google/nano-banana-edit", "input": {"prompt": "red", "image_urls": [inline]}}
    async with serve(webhooks=True) as app:
        record = await app.run(body)
        assert record["state"] == "success"
    (url,) = outside.kie.tasks[0].input["image_urls"]
    assert url.startswith(outside.kie.upload_url)
    assert await asyncio.to_thread(lambda: httpx2.get(url, trust_env=False).content) == photo
