"""Filling forms as a person does: by field name, whatever kind of field it is."""

from typing import Any

from playwright.sync_api import Page, expect

PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def fill(page: Page, **answers: Any) -> None:
    """Answer questions in this order; a list of rows answers a repeating group."""
    for name, value in answers.items():
        if isinstance(value, list) and isinstance(value[0], dict):
            _fill_rows(page, name, value)
        else:
            _fill_one(page, name, value)


def _fill_rows(page: Page, name: str, rows: list[dict[str, Any]]) -> None:
    for number, row in enumerate(rows):
        first = page.locator(f"main [name^='{name}-{number}-']").first
        if not first.count():
            page.locator(f"button[value='add:{name}']").click()
            expect(first).to_be_attached()
            page.wait_for_load_state()
        fill(page, **{f"{name}-{number}-{key}": value for key, value in row.items()})


def _fill_one(page: Page, name: str, value: Any) -> None:
    box = page.locator(f"main [name='{name}']:not([type=hidden])")
    if page.locator(f"main [name='{name}-upload']").count():
        paper: Any = {"name": value, "mimeType": "application/pdf", "buffer": PAPER}
        page.locator(f"main [name='{name}-upload']").set_input_files(files=[paper])
    elif page.locator(f"main [name='{name}-day']").count():
        for part, text in zip(("year", "month", "day"), value.split("-"), strict=True):
            page.fill(f"main [name='{name}-{part}']", text)
    elif page.locator(f"main [name='{name}-time']").count():
        for part, text in zip(("date", "time"), value.split("T"), strict=True):
            page.fill(f"main [name='{name}-{part}']", text)
    else:
        expect(box.first).to_be_attached()
        kind = box.first.evaluate("field => field.type")
        if kind in ("radio", "checkbox"):
            for each in value if isinstance(value, list) else [value]:
                text = {True: "true", False: "false"}.get(each, each)
                page.locator(f"main [name='{name}'][value='{text}']:not([type=hidden])").check()
        elif kind == "select-one":
            box.select_option(str(value))
        else:
            box.fill(str(value))
