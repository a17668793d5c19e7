"""Which questions a form asks at the moment: what an answer brings up is asked before the form is taken."""

from collections.abc import Iterator, Set

from forms import raw
from forms.check import visibility_of
from forms.conditions import Situation, Visibility
from forms.model import Component, Form


def not_asked(
    form: Form, typed: raw.Raw, situation: Situation, visibility: Visibility, shown: Set[str]
) -> frozenset[str]:
    """Paths of the questions that `typed` brings up and the page sent did not show (`shown`: what it did).

    `visibility`: as `check` found it, which does not look at rows that are blank.
    """
    missing = frozenset(_paths(form.components, raw.as_lists(typed), visibility, "")) - shown
    if not missing:
        return missing
    return frozenset(_paths(form.components, raw.as_lists(typed), visibility_of(form, typed, situation), "")) - shown


def _paths(components: tuple[Component, ...], typed: raw.Raw, visibility: Visibility, prefix: str) -> Iterator[str]:
    for component in components:
        path = prefix + component.name
        if path in visibility.hidden or component.type in ("text", "separator"):
            continue
        if component.type == "group":
            yield from _paths(component.children, typed, visibility, prefix)
        elif component.type == "dynamiclist":
            for index, row in enumerate(raw.shown_rows(component, typed)):
                yield from _paths(component.children, row, visibility, f"{path}-{index}-")
        else:
            yield path
