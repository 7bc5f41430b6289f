"""What is odd about an input is told to whoever made the task: on the result, on the handle, and in the log."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from enlarger import InputIssue, KieApiClient, Model, NanoBananaClient, SyncKieApiClient, list_models
from enlarger.catalog.schema import example
from enlarger.client import calls
from enlarger.client.records import Quote, Submitted
from enlarger.client.submission import Order
from enlarger.errors import InvalidInput, UnknownModel
from enlarger.testing import StandIn
from tests.client.both import KINDS, client_of
from tests.client.world import TASK_ID, World, core, created, reply

_OURS = {"field": "mood", "code": "unknown_field", "message": "The model has no field 'mood'"}
_MODEL: str = "google/nano-banana"
_INPUT = {"prompt": "a room", "mood": "calm"}


def submit(model: str, input: dict[str, Any], answer: Any = None) -> Submitted:
    made: Submitted = World([answer or created()]).run(calls.submit(core(), Order(model=model, input=input)))
    return made


def quote(model: str, input: dict[str, Any]) -> Quote:
    """A quote by the catalogue."""
    quoted: Quote = World([]).run(calls.quote(core(), model, input, strict=False))
    return quoted


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno == logging.WARNING]


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
def test_a_field_that_a_model_does_not_have_is_told_and_logged(model: Model, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "enlarger.client"):
        made = submit(model.id, {**example(model), "mood": "calm"})
    told = [(warning.field, warning.code) for warning in made.warnings]
    assert told == [("mood", "unknown_field")]
    assert [record for record in caplog.messages if "'mood'" in record and model.id in record]


def test_an_input_without_oddities_has_no_warnings(caplog: pytest.LogCaptureFixture) -> None:
    assert submit("google/nano-banana", {"prompt": "a room"}).warnings == ()
    assert not warned(caplog)


def test_warnings_of_the_service_are_told_once() -> None:
    answer = reply({"taskId": TASK_ID, "warnings": [_OURS, {**_OURS, "field": "haste"}]})
    assert [warning.field for warning in submit("google/nano-banana", _INPUT, answer).warnings] == ["mood", "haste"]


def test_a_model_of_the_service_alone_is_warned_of_by_the_service(caplog: pytest.LogCaptureFixture) -> None:
    answer = reply({"taskId": TASK_ID, "warnings": [_OURS]})
    with caplog.at_level(logging.WARNING, "enlarger.client"):
        assert submit("new/model", _INPUT, answer).warnings == (InputIssue(**_OURS),)
        assert World([answer]).run(calls.create(core(), Order(model="new/model", input=_INPUT))) == TASK_ID
    assert len(warned(caplog)) == 2


@pytest.mark.parametrize("odd", ["text", 5, [5], {"a": 1}, [{"field": "mood"}], [None]])
def test_warnings_of_another_shape_do_no_harm(odd: Any) -> None:
    assert submit("new/model", _INPUT, reply({"taskId": TASK_ID, "warnings": odd})) == Submitted(task_id=TASK_ID)


@pytest.mark.kie_stand_in(seconds=0)
async def test_they_are_on_the_result(kie_stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    async with KieApiClient(kie_stand_in.api_key, kie_stand_in.base_url, poll_interval=0.02) as client:
        handle = await client.submit(_MODEL, _INPUT)
        assert [warning.field for warning in handle.warnings] == ["mood"]
        assert (await handle.result()).warnings == handle.warnings
        assert (await client.task(handle.id).result()).warnings == ()
        assert [warning.field for warning in (await client.run(_MODEL, _INPUT)).warnings] == ["mood"]


@pytest.mark.kie_stand_in(seconds=0)
def test_they_are_on_the_result_without_await(kie_stand_in: StandIn) -> None:
    with SyncKieApiClient(kie_stand_in.api_key, kie_stand_in.base_url, poll_interval=0.02) as client:
        assert [warning.field for warning in client.run(_MODEL, _INPUT).warnings] == ["mood"]


@pytest.mark.kie_stand_in(seconds=0)
async def test_the_first_documents_methods_have_nothing_to_say(
    kie_stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    async with NanoBananaClient(kie_stand_in.api_key, kie_stand_in.base_url, poll_interval=0.02) as client:
        assert await client.text_to_image("a room")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
def test_a_mistyped_field_is_told_with_the_nearest_one_and_refused_if_that_is_wanted(model: Model) -> None:
    fields = [name for name in model.fields() if len(name) > 3]
    if not fields:
        return
    typo = f"{fields[-1]}n"
    wrong = {**example(model), typo: "x"}
    flows: tuple[Any, ...] = (calls.submit, calls.create)
    for flow in flows:
        world = World([created()])
        with pytest.raises(InvalidInput, match=rf"has no field '{typo}'.*[Dd]id you mean '[^']*'\?$"):
            world.run(flow(core(), Order(model=model.id, input=wrong, strict=True)))
        assert not world.sent
    [warning] = [found for found in submit(model.id, wrong).warnings if found.field == typo]
    assert warning.message.lower().count("did you mean '") == 1


@pytest.mark.kie_stand_in(seconds=0)
@pytest.mark.parametrize("kind", KINDS)
def test_strictness_is_said_once_or_for_one_task(
    kind: str, kie_stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = {"prompt": "a room", "aspect_ration": "16:9"}
    with client_of(kind, kie_stand_in.api_key, kie_stand_in.base_url, poll_interval=0.02) as client:
        strict = client.with_options(strict=True)
        for method, options in (
            (client.run, {"strict": True}),
            (client.submit, {"strict": True}),
            (strict.run, {}),
            (strict.submit, {}),
            (strict.create_generation_task, {}),
        ):
            with pytest.raises(InvalidInput, match="aspect_ration") as caught:
                method("nano-banana", wrong, **options)
            assert caught.value.field == "aspect_ration"
        assert not kie_stand_in.tasks
        with caplog.at_level(logging.WARNING, "enlarger.client"):
            assert client.with_options(strict=True).run("nano-banana", wrong, strict=False).warnings
            assert client.create_generation_task("google/nano-banana", wrong)
    assert len([message for message in caplog.messages if "did you mean 'aspect_ratio'?" in message]) == 2


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
def test_a_quote_warns_as_a_task_does(model: Model, caplog: pytest.LogCaptureFixture) -> None:
    wrong = {**example(model), "mood": "calm"}
    with caplog.at_level(logging.WARNING, "enlarger.client"):
        assert quote(model.id, wrong).warnings == submit(model.id, wrong).warnings != ()
        assert quote(model.id, example(model)).warnings == ()
    assert [message.replace("A quote", "A task") for message in caplog.messages[:1]] == caplog.messages[1:]


@pytest.mark.kie_stand_in(seconds=0)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_strict_refuses_unknown_models_and_fields_of_tasks_and_quotes(kind: str, kie_stand_in: StandIn) -> None:
    with client_of(kind, kie_stand_in.api_key, kie_stand_in.base_url) as client:
        strict = client.with_options(strict=True)
        for method in (strict.run, strict.submit, strict.create_generation_task, strict.quote):
            with pytest.raises(UnknownModel, match="nano-banan"):
                method("google/nano-banan", {"prompt": "a room"})
        for method, options in ((client.quote, {"strict": True}), (strict.quote, {})):
            with pytest.raises(InvalidInput, match="aspect_ration"):
                method("nano-banana", {"prompt": "a room", "aspect_ration": "16:9"}, **options)
        assert client.quote("nano-banana", {"prompt": "a room", "aspect_ration": "16:9"}).warnings
    assert not kie_stand_in.tasks
