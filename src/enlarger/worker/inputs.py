"""The input of a task as a hosted provider is given it: files that only we can reach are uploaded there before."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from enlarger.catalog import Field, Model
from enlarger.catalog.model import Form
from enlarger.errors import RouteUnfit
from enlarger.infra.safe_http import is_public_url
from enlarger.protocol.inline import is_asset
from enlarger.providers import HostedProvider
from enlarger.tasks.attempts import AttemptStore
from enlarger.tasks.records import Task
from enlarger.worker.result_files import kind_of
from enlarger.worker.sources import Sources


def has_files(task: Task, model: Model) -> bool:
    """Whether a task's input names files or other tasks, which may have to be uploaded to a provider."""
    form = model.fields()
    given = [form[name] for name in task.input if name in form]
    return any(field.type == "task" or field.media is not None or field.members for field in given)


class Inputs:
    """Puts addresses in the place of files, and the provider's ids in the place of ours."""

    def __init__(self, sources: Sources, attempts: AttemptStore) -> None:
        self._sources = sources
        self._attempts = attempts

    async def prepare(self, task: Task, model: Model, provider: HostedProvider, workspace: Path) -> dict[str, Any]:
        """The input for `provider`. `workspace` is a folder for files on their way.

        Raises RouteUnfit when a source task ran elsewhere, SourceUnavailable, PictureError or InvalidInput for a file
        that cannot be had, and ProviderSilent when the provider does not take it.
        """
        return await self._prepare(task, model.fields(), task.input, provider, workspace)

    async def _prepare(
        self, task: Task, form: Form, values: Mapping[str, Any], provider: HostedProvider, workspace: Path
    ) -> dict[str, Any]:
        prepared = dict(values)
        for name, value in values.items():
            field = form.get(name)
            if field is None:
                continue
            if field.type == "task":
                prepared[name] = await self._source_task(task, name, value, provider, workspace)
            elif field.members:
                prepared[name] = [await self._prepare(task, field.members, one, provider, workspace) for one in value]
            elif field.media is None:
                continue
            elif isinstance(value, list):
                prepared[name] = [await self._file(field, one, provider, workspace) for one in value]
            else:
                prepared[name] = await self._file(field, value, provider, workspace)
        return prepared

    async def _source_task(self, task: Task, name: str, value: str, provider: HostedProvider, workspace: Path) -> str:
        found = await self._attempts.provider_task(value, provider.name)
        if found is None:
            raise RouteUnfit(f"the task in '{name}' was not carried out by it")
        if provider.traits.remembers:
            return found
        path = workspace / secrets.token_hex(8)
        await self._sources.get_result(task, name, value, path)
        return await self._upload(path, provider)

    async def _file(self, field: Field, url: str, provider: HostedProvider, workspace: Path) -> str:
        if is_asset(url):
            return url
        if not self._sources.is_own(url) and (
            not provider.traits.needs_network or (provider.traits.fetches and await is_public_url(url))
        ):
            return url
        path = workspace / secrets.token_hex(8)
        await self._sources.get_file(field, url, path)
        return await self._upload(path, provider)

    async def _upload(self, path: Path, provider: HostedProvider) -> str:
        kind = kind_of(path)
        try:
            return await provider.upload(path, name=path.name + kind.extension, mime_type=kind.mime_type)
        finally:
            path.unlink(missing_ok=True)
