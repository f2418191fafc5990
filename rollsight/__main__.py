"""Run the command line with ``python -m rollsight``."""

from rollsight.cli import main

main()
