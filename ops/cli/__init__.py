"""The `whistle` command. One file per sub-command; heavy imports wait inside the functions."""
