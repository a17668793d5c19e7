"""What may be a fact: the process remembers codes, numbers, yes/no and dates, never who somebody is."""

from forms.model import Component

_PERSONAL_FORMATS = ("nik", "kk", "phone", "gps")
_PERSONAL_RECORDS = (
    "person.name",
    "person.nik",
    "person.phone",
    "person.address",
    "household.kk_no",
    "household.address",
    "member.name",
    "member.nik",
    "member.phone",
)
_CODED_TEXT = ("code", "village")


def fact_problem(component: Component) -> str:
    """Say why this component may not be a fact; nothing when it may, or does not ask to be one."""
    if component.properties.get("fact") != "true":
        return ""
    if component.properties.get("personal") == "true" or component.format in _PERSONAL_FORMATS:
        return "a personal answer can never be a fact of the process"
    if component.record in _PERSONAL_RECORDS or component.record.startswith("reporter."):
        return f'the record "{component.record}" is personal and can never be a fact'
    if component.type in ("textarea", "filepicker"):
        return f"a {component.type} holds narrative or documents and can never be a fact"
    if component.type == "textfield" and component.format not in _CODED_TEXT and not component.limits.pattern:
        return 'a free text can be a fact only with "format": "code" or "village", or with validate.pattern'
    return ""
