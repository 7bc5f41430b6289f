"""A stand-in of Replicate's HTTP API for tests."""
