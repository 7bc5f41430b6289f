"""Tools for agents, by the Model Context Protocol: `enlarger mcp` on stdio, and `/mcp` of the service.

It needs the package `mcp`, so nothing of this room is imported before it is needed.
"""
