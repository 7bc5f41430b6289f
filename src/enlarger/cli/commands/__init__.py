"""The commands, a module a topic: each has an `app` with what is typed and, below it, what that does.

All are imported at every start, so that the help can list them. What takes long to import, such as the client, the
catalogue and the database, is therefore imported in the functions that use it. A new module also needs a line in
`enlarger.cli.app`, which is the order of the help.
"""
