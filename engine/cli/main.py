"""The `pilar` command group. Each command's module is imported when it is used: `pilar web` starts in a blink."""

import importlib

import click

COMMANDS = {
    "run": "processes",
    "web": "processes",
    "worker": "processes",
    "scheduler": "processes",
    "demo-reset": "processes",
    "migrate": "contents",
    "deploy": "contents",
    "migrate-instances": "migrate_instances",
    "keys": "contents",
    "user": "users",
    "doctor": "doctor",
    "fsck": "checks",
    "backup": "backups",
    "restore": "backups",
    "after-recovery": "backups",
    "archive": "archive",
    "unarchive": "archive",
    "archive-check": "archive",
    "hold": "archive",
    "story": "checks",
    "load-test": "load_test",
    "explain": "explain",
    "check": "models",
    "conformance": "models",
}


class LazyGroup(click.Group):
    """Finds a command by name in the module that COMMANDS names."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"engine.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def pilar() -> None:
    """Pilar: workflow engine and casework for social-welfare referral."""
