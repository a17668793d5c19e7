"""Commands: what a person, an agency or a clock may do. One command, one transaction; the edges commit."""
