"""Run the command line with ``python -m rollsight``."""

from rollsight.commands import main

main()
