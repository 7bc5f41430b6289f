"""The fault matrix: everything that can go wrong at each step of a task, with and without an accident on top."""
