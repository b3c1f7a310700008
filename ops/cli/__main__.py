"""`python -m ops.cli`: the same as `whistle`."""

from ops.cli.app import main

main()
