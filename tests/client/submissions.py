"""A submission, and answers to it that leave a doubt."""

from __future__ import annotations

from enlarger.client.core import Core
from enlarger.client.effects import Flow
from enlarger.client.submission import Order
from enlarger.client.submission import create as send_task
from enlarger.client.wire import Reply
from tests.client.world import OURS

INPUT = {"prompt": "a room"}
TRUNCATED = Reply(status_code=200, headers={}, content=b'{"code":200,"msg":"succ')
NO_DATA = Reply(status_code=200, headers={}, content=b'{"code":200,"msg":"success"}')
HEAD = Reply(status_code=200, headers=OURS)
PLAIN_HEAD = Reply(status_code=404, headers={})


def create(client: Core) -> Flow[str]:
    return (yield from send_task(client, Order(model="google/nano-banana", input=INPUT))).task_id
