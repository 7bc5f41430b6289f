"""What a service prints once it is ready."""

from __future__ import annotations

import json
import shlex
from typing import Any

from enlarger._version import __version__
from enlarger.all_settings import Settings
from enlarger.cli.greeting import describe_providers, offered
from enlarger.cli.output import Output, Style
from enlarger.cli.service_parts import Running
from enlarger.console import example_picture, sign_in_url
from enlarger.errors import StorageError
from enlarger.infra.data_directory import DataDirectory
from enlarger.server.upload_files import store_picture
from enlarger.tasks.accounts import DEFAULT


async def greet_up(settings: Settings, running: Running, output: Output) -> None:
    """Print the service's addresses and key, and a command that can be copied to try it."""
    example = example_picture()
    try:
        stored = await store_picture(running.service, DEFAULT, example, name="example.jpg")
        link = running.url + running.service.links.make(stored.id, stored.name, stored.expires_at)
    except StorageError as error:
        output.say(f"The storage does not work; tasks are refused until it does. {error}")
        link = "https://example.com/photo.jpg"
    body = json.dumps({"model": "real-esrgan/fast", "input": {"image_url": link, "upscale_factor": "4"}})
    header = shlex.quote(f"Authorization: Bearer {running.api_key}")
    output.say(f"Enlarger {__version__} is up. Stop it with Ctrl-C.")
    output.say("")
    output.say(f"  open  {await sign_in_url(running.service, running.url, running.api_key)}")
    output.say(f"  API   {running.url}")
    output.say(f"  key   {running.api_key}")
    output.say(f"  docs  {running.url}/docs")
    output.say(f"  data  {settings.data_dir}")
    if running.metrics is not None:
        output.say(f"  metrics  {running.metrics}")
    _print_providers(settings, output)
    if not running.service.allowed.loopback:
        output.say(
            "  Other URLs of this machine are not reached. To use images and callbacks on it in development, start with"
        )
        output.say(
            "        ENLARGER_ALLOW_PRIVATE=127.0.0.0/8,::1, or receive callbacks with `enlarger webhooks listen`."
        )
    output.say("")
    output.say("Create a task, then query its record with the taskId from the answer:")
    output.say("")
    output.say(f"  curl -s {running.url}/api/v1/jobs/createTask -H {header} -d {shlex.quote(body)}")
    output.say(f"  curl -s '{running.url}/api/v1/jobs/recordInfo?taskId=TASK_ID' -H {header}")
    output.say("")
    facts = {"url": running.url, "apiKey": running.api_key, "docs": f"{running.url}/docs", "metrics": running.metrics}
    _print_data(output, [running.url], facts | {"dataDir": str(settings.data_dir), **offered(settings)})


async def greet_serve(settings: Settings, running: Running, output: Output) -> None:
    """Print the API's addresses, and where its key is."""
    where = DataDirectory(settings.data_dir).key_file
    key = "the one in ENLARGER_API_KEY" if settings.api_key else f"in {where}"
    output.say(f"The API answers at {running.url}; its key is {key}.")
    output.say(f"The console: {await sign_in_url(running.service, running.url, running.api_key)}")
    _print_metrics(running.metrics, output)
    _print_providers(settings, output)
    facts = {"url": running.url, "docs": f"{running.url}/docs", "metrics": running.metrics}
    _print_data(output, [running.url], facts | offered(settings))


async def greet_worker(settings: Settings, metrics: str | None, output: Output) -> None:
    """Print that the worker is ready; `metrics` is the address of its metrics."""
    output.say("The worker is waiting for tasks.")
    _print_metrics(metrics, output)
    _print_providers(settings, output)
    _print_data(output, [], {"metrics": metrics, **offered(settings)})


def _print_providers(settings: Settings, output: Output) -> None:
    for line in describe_providers(settings):
        output.say(line)


def _print_metrics(address: str | None, output: Output) -> None:
    if address is not None:
        output.say(f"The metrics: {address}")


def _print_data(output: Output, lines: list[str], data: dict[str, Any]) -> None:
    """Print the data of a service that is ready: lines with `--quiet`, a document with `--json`."""
    if output.style is not Style.HUMAN:
        output.lines(lines, data)
