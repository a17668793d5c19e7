"""Calls the `pilar` command as a terminal does."""

from click.testing import CliRunner, Result

from engine.cli.main import pilar


class Run:
    """`run("deploy")` is `pilar deploy`; what it printed."""

    def __call__(self, *words: str, code: int = 0) -> str:
        result: Result = CliRunner().invoke(pilar, list(words))
        assert result.exit_code == code, result.output
        return result.output
