"""`python -m engine.cli`, which `.venv/bin/pilar` calls."""

from engine.cli.main import pilar

pilar(prog_name="pilar")
