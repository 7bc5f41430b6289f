"""A request as code: what a developer pastes to send it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pprint import pformat
from typing import Any

from enlarger.catalog import Model

KEY_VARIABLE = "KIE_API_KEY"
"""The environment variable from which the snippets, like the SDK, take the API key."""
_WIDTH = 88


def snippets(model: Model, values: Mapping[str, Any], url: str) -> dict[str, str]:
    """Return the request as code, by language; `url` is the service's own, as apps reach it."""
    return {
        "curl": _curl(model, values, url),
        "Python": _python(model, values, url),
        "JavaScript": _javascript(model, values, url),
    }


def _curl(model: Model, values: Mapping[str, Any], url: str) -> str:
    body = json.dumps({"model": model.id, "input": values}, ensure_ascii=False, indent=2)
    return "\n".join(
        (
            f"curl -sS {shlex.quote(url + '/v1/tasks')} \\",
            f'  -H "Authorization: Bearer ${KEY_VARIABLE}" \\',
            "  -H 'Content-Type: application/json' -H 'Prefer: wait=60' \\",
            f"  --data-raw {shlex.quote(body)}",
        )
    )


def _python(model: Model, values: Mapping[str, Any], url: str) -> str:
    given = pformat(dict(values), sort_dicts=False, width=_WIDTH)
    last = "print(result.data)" if model.output.media == "data" else 'print(client.download(result, "results/"))'
    return "\n".join(
        (
            "from enlarger import SyncKieApiClient",
            "",
            f"given = {given.replace(chr(10), chr(10) + ' ' * len('given = '))}",
            f"with SyncKieApiClient(base_url={url!r}) as client:  # {KEY_VARIABLE}",
            f"    result = client.run({model.id!r}, given)",
            f"    {last}",
        )
    )


def _javascript(model: Model, values: Mapping[str, Any], url: str) -> str:
    body = json.dumps({"model": model.id, "input": values}, ensure_ascii=False, indent=2)
    return f"""\
const tasks = {json.dumps(url + "/v1/tasks")};
const headers = {{
  Authorization: `Bearer ${{process.env.{KEY_VARIABLE}}}`,
  "Content-Type": "application/json",
}};
const body = {body};

async function ask(url, options) {{
  const reply = await (await fetch(url, {{ headers, ...options }})).json();
  if (reply.code !== 200) throw new Error(reply.msg);
  return reply.data;
}}

const {{ taskId }} = await ask(tasks, {{ method: "POST", body: JSON.stringify(body) }});
let task;
do {{
  await new Promise((resolve) => setTimeout(resolve, 1000));
  task = await ask(`${{tasks}}/${{taskId}}`);
}} while (task.record.state !== "success" && task.record.state !== "fail");
console.log(task.record.failMsg || task.resultUrls || task.record.resultJson);
"""
