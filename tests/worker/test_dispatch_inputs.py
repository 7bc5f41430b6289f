"""What a provider is given of a task's inputs: pictures, and tasks that this one builds on."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import msgspec

from enlarger.settings import Limits
from enlarger.tasks.records import Task
from tests.conftest import MakePhoto
from tests.worker.conftest import MakeTask
from tests.worker.dispatch_steps import refusal
from tests.worker.hosted import ELSEWHERE, Floor, silent

EDIT = "google/nano-banana-edit"


def edit(*urls: str) -> dict[str, Any]:
    return {"model": EDIT, "input": {"prompt": "red", "image_urls": list(urls)}}


class Private:
    """Fetches what only this network has."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    async def fetch(self, url: str, target: Path, **_: Any) -> None:
        self.urls.append(url)
        target.write_bytes(b"\x89PNG\r\n\x1a\n" + url.encode())


async def test_public_pictures_are_passed_on_and_others_uploaded(
    floor: Floor, make_task: MakeTask, make_photo: MakePhoto
) -> None:
    own = (await make_task()).input["image_url"]
    private = "http://10.1.2.3/a.png"
    fetcher = Private()
    task = await floor.make(**edit(ELSEWHERE, own, private))
    assert await floor.dispatcher(fetcher=fetcher)(task.id) is None
    (order,) = floor.kie.orders
    assert order.request.input["image_urls"] == [ELSEWHERE, "https://kie.example/1", "https://kie.example/2"]
    assert floor.kie.uploads == [make_photo("a.png").read_bytes(), b"\x89PNG\r\n\x1a\n" + private.encode()]
    assert fetcher.urls == [private]
    (attempt,) = await floor.of_task(task)
    assert attempt.request == msgspec.to_builtins(order.request)
    assert (await floor.task(task)).input["image_urls"] == [ELSEWHERE, own, private]
    assert list(floor.work.iterdir()) == []


async def test_a_provider_without_network_is_given_foreign_urls_as_they_are(floor: Floor) -> None:
    floor.kie.traits = msgspec.structs.replace(floor.kie.traits, fetches=False, needs_network=False)
    fetcher = Private()
    for url in ("https://nowhere.invalid/a.jpg", "http://10.0.0.1/a.jpg"):
        task = await floor.make(**edit(url))
        await floor.dispatcher(fetcher=fetcher)(task.id)
        assert floor.kie.orders[-1].request.input["image_urls"] == [url]
    assert not fetcher.urls


async def test_a_provider_that_does_not_fetch_is_given_every_picture(floor: Floor) -> None:
    floor.kie.traits = msgspec.structs.replace(floor.kie.traits, fetches=False)
    task = await floor.make(**edit(ELSEWHERE))
    await floor.dispatcher(fetcher=Private())(task.id)
    assert floor.kie.orders[0].request.input["image_urls"] == ["https://kie.example/1"]


async def test_nothing_is_uploaded_for_a_provider_that_is_full(floor: Floor, make_task: MakeTask) -> None:
    floor.limits["kie"] = Limits(1)
    await floor.submit()
    task = await floor.make(**edit((await make_task()).input["image_url"]))
    await floor.dispatcher()(task.id)
    assert floor.kie.uploads == []
    assert await floor.waiting("kie") == [task.id]


async def test_what_the_hosted_service_keeps_is_passed_on_untouched(floor: Floor) -> None:
    input = {"prompt": "a room", "reference_image_urls": ["asset://asset-1", ELSEWHERE]}
    await floor.submit(model="bytedance/seedance-2", input=input)
    assert floor.kie.orders[-1].request.input["reference_image_urls"] == ["asset://asset-1", ELSEWHERE]
    assert floor.kie.uploads == []


async def test_an_upload_that_fails_costs_nothing_and_lets_the_next_one_have_it(
    floor: Floor, make_task: MakeTask
) -> None:
    own = (await make_task()).input["image_url"]
    floor.kie.upload_error = silent("the upload host is away")
    task = await floor.make(**edit(own))
    await floor.dispatcher()(task.id)
    assert floor.kie.orders == []
    assert [(one.provider, one.state, one.error) for one in await floor.of_task(task)] == [
        ("kie", "skipped", "the upload host is away"),
        ("replicate", "accepted", None),
    ]


async def test_a_picture_that_cannot_be_had_fails_the_task(floor: Floor, make_task: MakeTask) -> None:
    own = (await make_task()).input["image_url"]
    await floor.database.pool.execute("UPDATE files SET expires_at = now()")
    task = await floor.make(**edit(own))
    await floor.dispatcher()(task.id)
    ended = await floor.task(task)
    assert (ended.state, ended.fail_code) == ("fail", "451")
    assert "no longer kept" in (ended.fail_message or "")


# Tasks that build on others


async def enlarged(floor: Floor, *, source: Task) -> Task:
    return await floor.make(model="grok-imagine/upscale", input={"task_id": source.id})


async def made_by(floor: Floor, make_task: MakeTask, provider: str) -> Task:
    """A task that has been carried out by a provider, which called it `theirs`."""
    source = await make_task(id=secrets.token_hex(16))
    await floor.database.pool.execute(
        "INSERT INTO attempts (task_id, epoch, provider, provider_task_id, state) VALUES ($1, 1, $2, 'theirs', $3)",
        source.id,
        provider,
        "succeeded",
    )
    return source


async def test_a_source_task_is_named_by_the_providers_own_id(floor: Floor, make_task: MakeTask) -> None:
    task = await enlarged(floor, source=await made_by(floor, make_task, "kie"))
    await floor.dispatcher()(task.id)
    assert floor.kie.orders[0].request.input == {"task_id": "theirs"}
    assert (await floor.task(task)).input != {"task_id": "theirs"}


async def test_a_source_that_ran_elsewhere_is_refused_with_the_reason(floor: Floor, make_task: MakeTask) -> None:
    task = await enlarged(floor, source=await made_by(floor, make_task, "local"))
    await floor.dispatcher()(task.id)
    assert floor.kie.orders == []
    ended = await floor.task(task)
    assert (ended.state, ended.fail_code) == ("fail", "500")
    assert "kie: the task in 'task_id' was not carried out by it" in (ended.fail_message or "")
    assert "ENLARGER_SUBSTITUTE=1" in (ended.fail_message or "")


async def test_a_source_that_ran_elsewhere_is_enlarged_here_where_that_is_allowed(
    floor: Floor, make_task: MakeTask
) -> None:
    task = await enlarged(floor, source=await made_by(floor, make_task, "local"))
    await floor.drain()
    await floor.dispatcher(substitute=True)(task.id)
    assert await floor.queue() == {"engine"}
    assert floor.kie.orders == []


async def test_without_a_hosted_provider_a_source_is_enlarged_here(floor: Floor, make_task: MakeTask) -> None:
    del floor.providers["kie"]
    task = await enlarged(floor, source=await made_by(floor, make_task, "local"))
    await floor.drain()
    await floor.dispatcher()(task.id)
    assert await floor.queue() == {"engine"}


# A model of this machine in the place of one that does more


async def cut_out(floor: Floor) -> Task:
    task = await floor.make(model="recraft/remove-background", input={"image": ELSEWHERE})
    await floor.drain()
    return task


async def test_a_lesser_model_takes_no_hosted_ones_place(floor: Floor) -> None:
    floor.kie.answers = [refusal("input", 422, "The picture is bad.")]
    floor.replicate.answers = [refusal("input", 400, "It is too small.")]
    task = await cut_out(floor)
    await floor.dispatcher()(task.id)
    assert await floor.queue() == set()
    ended = await floor.task(task)
    assert (ended.state, ended.fail_message) == ("fail", "kie: The picture is bad.; replicate: It is too small.")


async def test_while_hosted_providers_are_down_it_does_not_either(floor: Floor) -> None:
    for name in ("kie", "replicate"):
        floor.router.health[name].adopt("suspended", "no credits", 600)
    task = await cut_out(floor)
    assert await floor.dispatcher()(task.id) is not None
    assert (await floor.task(task)).state == "queuing"
    assert await floor.queue() == set()


async def test_where_that_is_allowed_it_does(floor: Floor) -> None:
    floor.kie.answers = [refusal("input", 422, "The picture is bad.")]
    floor.replicate.answers = [refusal("input", 400, "It is too small.")]
    task = await cut_out(floor)
    await floor.dispatcher(substitute=True)(task.id)
    assert await floor.queue() == {"engine"}


async def test_a_lesser_model_does_what_no_provider_is_set_up_for(floor: Floor) -> None:
    del floor.providers["kie"], floor.providers["replicate"]
    task = await cut_out(floor)
    await floor.dispatcher()(task.id)
    assert await floor.queue() == {"engine"}


async def test_a_provider_that_is_set_up_comes_first(floor: Floor) -> None:
    del floor.providers["kie"]
    task = await cut_out(floor)
    await floor.dispatcher()(task.id)
    assert [order.task_id for order in floor.replicate.orders] == [task.id]
    assert await floor.queue() == set()
