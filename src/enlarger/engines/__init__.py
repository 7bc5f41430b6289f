"""Process images, without network and database. `lanes.Lanes` is the entry point."""

import logging

# pyvips says below WARNING what it does, and again while a handler formats that, because a picture's text asks for its
# size. Two threads and two handlers then wait for each other for ever.
logging.getLogger("pyvips").setLevel(logging.WARNING)
