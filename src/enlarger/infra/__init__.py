"""The ground the service stands on: the data directory, Postgres, the queue, storage, outgoing HTTP, logs."""
