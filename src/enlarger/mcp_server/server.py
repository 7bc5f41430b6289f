"""The server of the tools, without a transport."""

from __future__ import annotations

from typing import Any

from mcp.server import MCPServer

from enlarger._version import __version__
from enlarger.mcp_server.access import OpenAccess, Terms
from enlarger.mcp_server.file_tools import FileTools
from enlarger.mcp_server.model_tools import ModelTools
from enlarger.mcp_server.task_tools import TaskTools
from enlarger.mcp_server.tool_kit import ToolKit

_INSTRUCTIONS = """\
Enlarger runs AI picture tasks: it enlarges, generates and edits pictures, and costs credits.

Find a model with find_models, look at its fields with show_model, ask for the price with quote, then create a task
with run_task. Every answer has the task's id. If the task has not ended, call wait_task with the id until it has; do
not create it again. To retry a call that creates a task, use the same idempotency_key.
"""


def make_server(open_access: OpenAccess, terms: Terms) -> MCPServer[Any]:
    """The tools, on the service that `open_access` reaches; those for files only on the agent's own machine."""
    server: MCPServer[Any] = MCPServer(
        "enlarger",
        title="Enlarger",
        description="AI picture tasks: upscale, generate, edit.",
        instructions=_INSTRUCTIONS,
        version=__version__,
        log_level="ERROR",
        subscriptions=False,
    )
    kit = ToolKit(open_access, terms)
    ModelTools(kit).add_to(server)
    TaskTools(kit).add_to(server)
    if terms.on_this_machine:
        FileTools(kit).add_to(server)
    return server
