"""`python -m enlarger`."""

from enlarger.cli import main

main()
