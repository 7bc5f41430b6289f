"""What those who watch a service are told: Prometheus metrics of this process, and of what the database knows."""
