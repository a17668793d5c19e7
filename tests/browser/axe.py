"""axe-core in a page: what hinders people who use a keyboard, a screen reader or large text."""

from playwright.sync_api import BrowserContext, Page

from engine.settings import PROJECT

SCRIPT = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN = """rules => axe.run(document, {runOnly: {type: "tag", values: rules}, resultTypes: ["violations"]})"""


def carry(context: BrowserContext) -> None:
    """Bring axe along on every page of a browser that looks at many."""
    context.add_init_script(path=SCRIPT)


def violations(page: Page) -> list[str]:
    """One line for each violation: rule, what it says, and the first element it is about."""
    if not page.evaluate("'axe' in window"):
        # Through the debugger rather than a <script>, so that the page's own content policy stays as it is.
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found = page.evaluate(_RUN, list(RULES))
    return [f"{row['id']}: {row['help']} at {row['nodes'][0]['html'][:160]}" for row in found["violations"]]
