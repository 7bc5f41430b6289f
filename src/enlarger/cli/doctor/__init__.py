"""`enlarger doctor`: checks of this machine and of a service: a file a topic, and a line each in `checks.py`."""
