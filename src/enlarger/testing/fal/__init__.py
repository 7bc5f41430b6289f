"""A stand-in of fal's queue API for tests."""
