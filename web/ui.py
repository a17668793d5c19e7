"""`ui.…` in every template: the macros of templates/macros as one vocabulary, without import lines."""

from typing import Any

from flask import Flask
from jinja2 import Environment

FILES = ("page", "actions", "lists", "casework", "fields", "diagram")


class Macros:
    """Looks a macro up by its name in the files of templates/macros; each name exists once."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._found: dict[str, Any] | None = None

    def __getattr__(self, name: str) -> Any:
        if self._found is None or self._environment.auto_reload:
            self._found = self._collect()
        try:
            return self._found[name]
        except KeyError:
            raise AttributeError(f"There is no macro {name} in templates/macros.") from None

    def _collect(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for file in FILES:
            module = self._environment.get_template(f"macros/{file}.html").module
            for name, macro in vars(module).items():
                if name.startswith("_") or not callable(macro):
                    continue
                if name in found:
                    raise ValueError(f"The macro {name} is defined in two files.")
                found[name] = macro
        return found


def init_app(app: Flask) -> None:
    """Give templates the `ui` vocabulary."""
    app.jinja_env.globals["ui"] = Macros(app.jinja_env)
