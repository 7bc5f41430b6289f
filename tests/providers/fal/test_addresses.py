"""Where a request is asked about, and where the key is never sent."""

from __future__ import annotations

from contextlib import closing

import pytest

from enlarger.providers import Accepted
from enlarger.providers.fal.addresses import is_model, make_task_id, own_path, request_path
from enlarger.testing.exchange import Answer, Request
from enlarger.testing.listener import Listener
from tests.providers.fal.steps import ID, json_of, order_of, provider_at, served, submission

QUEUE = "https://queue.fal.run"
EDIT = "fal-ai/nano-banana/edit"


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("fal-ai/nano-banana", "fal-ai/nano-banana/requests/"),
        (EDIT, "fal-ai/nano-banana/requests/"),
        ("fal-ai/topaz/upscale/image", "fal-ai/topaz/requests/"),
        ("workflows/somebody/flow/part", "workflows/somebody/flow/requests/"),
    ],
)
def test_a_request_is_at_the_app_and_not_at_the_path_behind_it(model: str, path: str) -> None:
    assert request_path(model, ID) == path + ID
    assert make_task_id(QUEUE, model, ID, f"{QUEUE}/{path}{ID}/status") == ID


def test_an_address_that_is_another_than_the_usual_one_is_kept() -> None:
    moved = f"fal-ai/bananas/requests/{ID}"
    task_id = make_task_id(QUEUE, EDIT, ID, f"{QUEUE}/{moved}/status")
    assert task_id == moved
    assert request_path(EDIT, task_id) == moved


@pytest.mark.parametrize(
    "url",
    [
        None,
        7,
        "",
        f"https://evil.example/fal-ai/x/requests/{ID}/status",
        f"http://queue.fal.run/fal-ai/x/requests/{ID}/status",
        f"https://queue.fal.run:8443/fal-ai/x/requests/{ID}/status",
        f"https://queue.fal.run.evil.example/fal-ai/x/requests/{ID}/status",
        f"https://queue.fal.run@evil.example/fal-ai/x/requests/{ID}/status",
        f"https://queue.fal.run/%2e%2e/x/requests/{ID}/status",
        "https://queue.fal.run/fal-ai/x/requests/another/status",
        "https://[",
    ],
)
def test_no_other_address_is_believed(url: object) -> None:
    assert make_task_id(QUEUE, EDIT, ID, url) == ID


@pytest.mark.parametrize("task_id", [None, "", "../x", "a b", "x/requests/..", f"../requests/{ID}", "x" * 101])
def test_an_id_that_cannot_be_asked_for_has_no_address(task_id: str | None) -> None:
    assert request_path(EDIT, task_id) is None


@pytest.mark.parametrize("name", ["", "a", "a/..", "../a", "a//b", "a/b?c", "a/b#c", "https://a/b"])
def test_a_name_that_leads_elsewhere_is_no_model(name: str) -> None:
    assert not is_model(name)


def test_a_base_url_may_have_a_path() -> None:
    assert own_path("https://proxy.example/fal", "https://proxy.example/fal/a/b/requests/1") == "a/b/requests/1"
    assert own_path("https://proxy.example/fal", "https://proxy.example/other/a/b/requests/1") is None


async def test_the_key_follows_no_address_of_an_answer() -> None:
    elsewhere = "http://127.0.0.2:9/fal-ai/nano-banana/requests/1"
    made = json_of({"request_id": ID, "status_url": f"{elsewhere}/status", "response_url": elsewhere})
    ended = json_of({"status": "COMPLETED", "request_id": ID, "response_url": elsewhere})
    async with served(made, ended, json_of({"images": [{"url": "https://a.b/1.png"}]})) as (provider, requests):
        accepted = await provider.submit(order_of())
        report = await provider.poll(submission(provider_task_id=accepted.provider_task_id))

    assert accepted == Accepted(ID)
    assert report.outputs == ("https://a.b/1.png",)
    path = f"/fal-ai/nano-banana/requests/{ID}"
    assert [request.path for request in requests] == ["/fal-ai/nano-banana", f"{path}/status", path]


async def test_the_result_is_where_the_status_says() -> None:
    place = f"/fal-ai/nano-banana/requests/{ID}/response"
    requests: list[Request] = []

    def take(request: Request) -> Answer:
        requests.append(request)
        if request.path == place:
            return json_of({"images": [{"url": "https://a.b/1.png"}]})
        return json_of({"status": "COMPLETED", "request_id": ID, "response_url": listener.url + place})

    with closing(Listener(take)) as listener:
        listener.start()
        provider = provider_at(listener.url)
        assert (await provider.poll(submission())).outputs == ("https://a.b/1.png",)
        await provider.close()
    assert [request.path for request in requests] == [f"/fal-ai/nano-banana/requests/{ID}/status", place]
