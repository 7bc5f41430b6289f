"""The statements of the `.sql` files beside this one, by name."""

from enlarger.infra.database import load_queries

sql = load_queries("enlarger.tasks")
