"""Tools for developers: nothing in the package needs them."""
