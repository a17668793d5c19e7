"""axe-core in a page: what hinders people who use a keyboard, a screen reader or large text."""

from typing import Any

from playwright.sync_api import BrowserContext, Page

from engine.settings import PROJECT

SCRIPT = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# What a page's colours, size and words decide: all that can differ where the same page was looked at whole before.
LOOKS = (
    "button-name", "color-contrast", "document-title", "empty-heading", "image-alt", "input-button-name", "label",
    "landmark-unique", "link-in-text-block", "link-name", "scrollable-region-focusable",
    "select-name", "summary-name", "svg-img-alt", "target-size", "valid-lang",
)  # fmt: skip
# The one rule that reads the style sheets themselves, which are the same on every page: it has a test of its own.
OF_STYLES = "css-orientation-lock"
_RUN = """([type, values, preload]) =>
  axe.run(document, {runOnly: {type, values}, resultTypes: ["violations"], preload})"""


def carry(context: BrowserContext) -> None:
    """Bring axe along on every page of a browser that looks at many."""
    context.add_init_script(path=SCRIPT)


def violations(page: Page, *, again: bool = False) -> list[str]:
    """One line for each violation: rule, what it says, and the first element it is about.

    `again`: the page was looked at whole before; now it has other colours, another size, another language.
    """
    return _run(page, ["rule", list(LOOKS), False] if again else ["tag", list(RULES), False])


def violations_of_styles(page: Page) -> list[str]:
    """The same for what the page's style sheets say about all pages."""
    return _run(page, ["rule", [OF_STYLES], True])


def _run(page: Page, wanted: list[Any]) -> list[str]:
    if not page.evaluate("'axe' in window"):
        # Through the debugger rather than a <script>, so that the page's own content policy stays as it is.
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found = page.evaluate(_RUN, wanted)
    return [f"{row['id']}: {row['help']} at {row['nodes'][0]['html'][:160]}" for row in found["violations"]]
