"""The fault matrix: what can go wrong at every step of a task's way, each with and without an accident on top."""
