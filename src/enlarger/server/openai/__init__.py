"""The OpenAI images API, as an adapter: its requests become tasks, and tasks its answers."""
