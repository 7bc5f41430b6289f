"""Tasks, attempts, accounts and files: the rules and the SQL. It knows no HTTP and no provider."""
