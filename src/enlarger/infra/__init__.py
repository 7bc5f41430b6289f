"""What the service is built on: the data directory, Postgres, the queue, storage, outgoing HTTP, logs."""
