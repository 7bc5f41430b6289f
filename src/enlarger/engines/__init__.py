"""Pictures in, pictures out: no network, no database. `process.EngineProcess` is the door."""
