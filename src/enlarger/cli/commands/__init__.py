"""The commands, one module per topic: each defines its commands in `app` and, below, the work that they do.

All are imported at every start, so that the help can list them. What takes long to import, such as the client, the
catalogue and the database, is therefore imported in the functions that use it. A new module also needs a line in
`enlarger.cli.app`, which is the order of the help.
"""
