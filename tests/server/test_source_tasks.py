"""A task that builds on an earlier one: every refusal says what is wrong and names the way, in the app's language."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from enlarger.catalog import get_model, list_models
from enlarger.catalog.faults import check
from enlarger.catalog.messages import localise, translator
from enlarger.catalog.repair import repair
from enlarger.errors import InvalidInput
from enlarger.server import Service
from enlarger.tasks.source_task import source_task
from tests.server.steps import CREATE, claim, create, finish

_UPSCALE = "grok-imagine/upscale"
_WAY = "grok-imagine/text-to-image"
_WITH_SOURCES = [
    (model.id, name)
    for model in list_models()
    for form in model.all_forms()
    for name, field in form.items()
    if field.type == "task"
]
_LANGUAGES = {
    "en": ("must be text", "does not exist on this account", "is still waiting", "that failed (", "without a picture"),
    "ru": ("должно быть строкой", "которой нет в этом аккаунте", "в состоянии waiting", "ошибкой (", "без изображения"),
    "zh": ("必须是文本", "在此账户中不存在", "仍处于 waiting", "已失败（", "没有图片"),
}


async def refused(api: httpx2.AsyncClient, task_id: Any, *, locale: str = "en", model: str = _UPSCALE) -> Any:
    body = {"model": model, "input": {"task_id": task_id}}
    reply = (await api.post(CREATE, json=body, headers={"Accept-Language": locale})).json()
    assert (reply["code"], reply["data"]) == (422, None)
    [error] = reply["errors"]
    assert (error["field"], error["message"]) == ("task_id", reply["msg"])
    return error


def test_models_that_build_on_tasks_are_known() -> None:
    assert len(_WITH_SOURCES) >= 7


@pytest.mark.parametrize("value", [5, 5.0, 0, True, ["a"], ["a", "b"], {"id": "a"}])
async def test_what_is_no_text_is_no_tasks_id(api: httpx2.AsyncClient, value: Any) -> None:
    for locale, (says, *_) in _LANGUAGES.items():
        error = await refused(api, value, locale=locale)
        assert error["code"] == "not_text"
        assert says in error["message"]


@pytest.mark.parametrize("locale", _LANGUAGES)
async def test_a_task_on_which_nothing_can_be_built_is_refused(
    api: httpx2.AsyncClient, service: Service, locale: str
) -> None:
    _, unknown, waiting, failed, without = _LANGUAGES[locale]
    ids = [await create(api) for _ in range(4)]
    await claim(service, ids[1])  # dispatched, which apps know as waiting
    await finish(service, ids[2], fail=True)
    await finish(service, ids[3])
    await service.database.pool.execute("UPDATE files SET expires_at = now()")
    for task_id, code, says, way in (
        ("0" * 32, "unknown_task", unknown, _WAY),
        ("nonsense", "unknown_task", unknown, _WAY),
        (ids[0], "task_not_ended", waiting, "success"),
        (ids[1], "task_not_ended", waiting, "success"),
        (ids[2], "task_failed", failed, _WAY),
        (ids[3], "task_without_picture", without, _WAY),
    ):
        error = await refused(api, task_id, locale=locale)
        assert error["code"] == code
        assert says in error["message"]
        assert way in error["message"]


@pytest.mark.parametrize(("model", "field"), _WITH_SOURCES)
async def test_every_model_refuses_the_id_of_no_task(service: Service, model: str, field: str) -> None:
    form = next(form for form in get_model(model).all_forms() if field in form and form[field].type == "task")
    for value in (5, ["a"], True):
        assert [fault.code for fault in check(field, form[field], repair(form[field], value), translator("en"))]
    with pytest.raises(InvalidInput) as raised:
        await source_task(service.tasks, account_id="default", field=field, task_id="x")
    [(named, code, message)] = raised.value.faults
    assert (named, code) == (field, "unknown_task")
    for locale, (_, unknown, *_) in _LANGUAGES.items():
        assert unknown in localise(message, locale)
        assert f"'{field}'" in localise(message, locale)
