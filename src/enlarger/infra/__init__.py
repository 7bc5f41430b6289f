"""The base of the service: data directory, Postgres, queue, storage, outgoing HTTP, logs."""
