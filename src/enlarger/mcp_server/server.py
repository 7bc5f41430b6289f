"""The server of the tools, without a transport."""

from __future__ import annotations

from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp_types import CallToolResult, InputRequiredResult, Tool
from pydantic import ValidationError

from enlarger._version import __version__
from enlarger.errors import ToolRefusal
from enlarger.mcp_server.access import AnyContext, OpenAccess, Terms
from enlarger.mcp_server.arguments import unknown_arguments, wrong_arguments
from enlarger.mcp_server.file_tools import FileTools
from enlarger.mcp_server.model_tools import ModelTools
from enlarger.mcp_server.refusals import refused
from enlarger.mcp_server.task_tools import TaskTools
from enlarger.mcp_server.tool_kit import ToolKit

_INSTRUCTIONS = """\
Enlarger runs AI picture tasks: it enlarges, generates and edits pictures, and costs credits.

Find a model with find_models, look at its fields with show_model, ask for the price with quote, then create a task
with run_task. Every answer has the task's id. If the task has not ended, call wait_task with the id until it has; do
not create it again. To retry a call that creates a task, use the same idempotency_key.
"""

_LONGEST_NAME = 60


class _Server(MCPServer[Any]):
    """A server that explains wrong calls in one line, where the SDK shows its validator's messages for programmers."""

    async def list_tools(self) -> list[Tool]:
        """The tools, whose schemas say that they take no other arguments."""
        return [
            tool.model_copy(update={"input_schema": {**tool.input_schema, "additionalProperties": False}})
            for tool in await super().list_tools()
        ]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: AnyContext | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool. An argument that it does not have is refused: a misspelt one would be ignored."""
        tool = next((one for one in await self.list_tools() if one.name == name), None)
        if tool is None:
            return refused(ToolRefusal(f"There is no tool {name[:_LONGEST_NAME]!r}: tools/list shows those there are."))
        if unknown := unknown_arguments(tool, arguments):
            return refused(ToolRefusal(unknown))
        try:
            return await super().call_tool(name, arguments, context)
        except UnexpectedToolError as error:
            raise UnexpectedToolError(f"{name} failed because of an error in Enlarger: its log has more.") from error
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                return refused(ToolRefusal(wrong_arguments(tool, error.__cause__)))
            raise


def make_server(open_access: OpenAccess, terms: Terms) -> MCPServer[Any]:
    """The tools, on the service that `open_access` reaches; those for files only on the agent's own machine."""
    server = _Server(
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
