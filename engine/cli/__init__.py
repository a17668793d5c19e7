"""The `pilar` command: running, looking after and looking into Pilar from a terminal."""
