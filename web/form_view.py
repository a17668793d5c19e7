"""Turns a form, and what was typed so far, into what the templates draw: every word chosen, every value as text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from flask_babel import gettext

from forms import Component, Form, raw
from web import formats
from web.form_parts import Choice, Drawing, Field, File, FormView
from web.form_values import boxes_of, plain_texts, texts_of
from web.form_words import sentence, unit_of, with_question
from web.i18n import language
from web.markdown import to_html

__all__ = ["Choice", "Drawing", "Field", "File", "FormView", "change_rows", "draw"]

_NAMED = re.compile(r"\{\{\s*([a-z_][a-z0-9_]*)\s*\}\}")
_TYPES = {
    "textfield": "text",
    "radio": "radios",
    "checklist": "checkboxes",
    "dynamiclist": "list",
    "filepicker": "file",
}


def draw(form: Form, drawing: Drawing) -> FormView:
    """Build the view of `form`."""
    conditional = any(component.hide or component.require for component in _walk(form.components))
    drawing = Drawing(**{**vars(drawing), "has_conditions": conditional, "typed": raw.as_lists(drawing.typed)})
    fields = tuple(_fields(form.components, drawing, drawing.typed, ""))
    english = form.properties.get("description:en", "") if language() == "en" else ""
    return FormView(
        form.title_in(language()),
        english or form.properties.get("description", ""),
        fields,
        tuple(_summary(fields)),
        conditional,
        any(component.type == "filepicker" for component in _walk(form.components)),
    )


def change_rows(form: Form, typed: Mapping[str, object], action: str) -> dict[str, object]:
    """Apply "add:LIST" or "remove:LIST:NUMBER" (a button without JavaScript) to what was typed."""
    verb, _, rest = action.partition(":")
    key, _, number = rest.partition(":")
    component = form.questions.get(key)
    found = raw.as_lists(typed)
    if component is None or component.type != "dynamiclist":
        return found
    rows = list(raw.shown_rows(component, found))
    if verb == "add":
        rows.append({})
    elif verb == "remove" and number.isdecimal() and len(number) < 5 and int(number) < len(rows):
        del rows[int(number)]
    kept = {name: value for name, value in found.items() if not name.startswith(f"{key}-")}
    return {**kept, key: rows}


def _fields(
    components: tuple[Component, ...], drawing: Drawing, typed: Mapping[str, object], prefix: str
) -> Iterator[Field]:
    for component in components:
        if prefix + component.name in drawing.visibility.hidden:
            continue
        drawn = _field(component, drawing, typed, prefix)
        if drawn.kind != "group" or drawn.children:
            yield drawn


def _field(component: Component, drawing: Drawing, typed: Mapping[str, object], prefix: str) -> Field:
    path = prefix + component.name
    if component.type == "text":
        return Field("html", path, _id(path), html=to_html(component.text_in(language())))
    if component.type == "separator":
        return Field("separator", path, _id(path))
    if component.type == "group":
        children = tuple(_fields(component.children, drawing, typed, prefix))
        return Field(
            "group", path, _id(path), component.label_in(language()), _hint(component, drawing.facts), children=children
        )
    if component.type == "dynamiclist":
        return _list(component, drawing, typed, path)
    return _question(component, drawing, typed, path)


def _list(component: Component, drawing: Drawing, typed: Mapping[str, object], path: str) -> Field:
    rows = raw.shown_rows(component, typed)
    drawn = tuple(
        tuple(_fields(component.children, drawing, row, f"{path}-{index}-")) for index, row in enumerate(rows)
    )
    return Field(
        "list",
        path,
        _id(path),
        component.label_in(language()),
        _hint(component, drawing.facts),
        rows=drawn,
        errors=_sentences(drawing.errors, path, component),
        required=path in drawing.visibility.required,
    )


def _question(component: Component, drawing: Drawing, typed: Mapping[str, object], path: str) -> Field:
    kind = _TYPES.get(component.type, component.type)
    kind = f"{component.subtype}" if component.type == "datetime" else kind
    if kind == "date" and component.properties.get("memorable") == "true":
        kind = "memorable"
    source = component.properties.get("options") or ("villages" if component.format == "village" else "")
    if source in drawing.choices:
        kind = "select"
    texts = texts_of(component, typed)
    choices = _choices(component, drawing.choices.get(source), texts)
    return Field(
        kind,
        path,
        _id(path),
        component.label_in(language()),
        _hint(component, drawing.facts),
        value=texts[-1] if texts else "",
        values=boxes_of(component, typed) if component.type == "datetime" else {},
        errors=_sentences(drawing.errors, path, component),
        warnings=_sentences(drawing.warnings, path, component),
        reason=_reason(component, drawing, typed, path),
        choices=choices,
        files=tuple(drawing.files.get(text) or File(text, gettext("berkas")) for text in texts)
        if kind == "file"
        else (),
        required=path in drawing.visibility.required,
        decides=drawing.has_conditions and kind in ("select", "radios", "checkboxes", "checkbox"),
        prefix="Rp" if component.format == "rupiah" else "",
        suffix=unit_of(component),
        width=component.properties.get("width", "") or _usual_width(component),
        height=int(component.properties.get("rows", "4")),
        inputmode=_inputmode(component),
        capture="environment" if component.properties.get("capture") == "camera" else "",
        accept="image/*" if component.properties.get("capture") == "camera" else "image/*,application/pdf",
        multiple=component.multiple,
    )


def _reason(component: Component, drawing: Drawing, typed: Mapping[str, object], path: str) -> Field | None:
    """The box for "why does the NIK differ", drawn only when it does."""
    name = path + raw.REASON_SUFFIX
    differs = {"nik_sex_differs", "nik_birth_date_differs"} & {
        str(problem) for problem in drawing.warnings.get(path, ())
    }
    if component.format != "nik" or not differs:
        return None
    texts = plain_texts(typed.get(component.key + raw.REASON_SUFFIX))
    return Field(
        "text",
        name,
        _id(name),
        gettext("Mengapa berbeda?"),
        gettext("NIK tidak berubah seumur hidup; tulis sebab perbedaannya."),
        value=texts[-1] if texts else "",
        errors=_sentences(drawing.errors, name, component),
        required=True,
        width="long",
    )


def _summary(fields: Sequence[Field], row: str = "") -> Iterator[tuple[str, str]]:
    """Every error with the question it is about; `row`: the list and number of the row that the fields stand in."""
    for drawn in fields:
        yield from ((_target(drawn), row + with_question(text, drawn.label)) for text in drawn.errors)
        yield from _summary(drawn.children, row)
        for number, items in enumerate(drawn.rows, start=1):
            yield from _summary(items, gettext("%(list)s %(row)s: ", list=drawn.label, row=number))
        if drawn.reason is not None:
            yield from _summary([drawn.reason], row)


def _target(drawn: Field) -> str:
    """The id of the control that an error link goes to."""
    if drawn.kind == "file" and drawn.files and not drawn.multiple:
        return f"{drawn.id}-keep-1"
    return {"memorable": f"{drawn.id}-day", "datetime": f"{drawn.id}-date"}.get(drawn.kind, drawn.id)


def _choices(
    component: Component, offered: Sequence[tuple[str, str]] | None, texts: Sequence[str]
) -> tuple[Choice, ...]:
    if offered is not None:
        known = tuple(Choice(value, text, value in texts) for value, text in offered)
        missing = [text for text in texts if text and text not in {value for value, _ in offered}]
        return known + tuple(Choice(text, text, True) for text in missing)
    english = language() == "en"
    return tuple(
        Choice(option.value, (option.label_en if english else "") or option.label, option.value in texts)
        for option in component.options
    )


def _hint(component: Component, facts: Mapping[str, object] | None) -> str:
    """The hint; one that names facts, as {{goals_count}}, is left out where the case does not have them."""
    written = component.description_in(language())
    if facts is not None and (named := _NAMED.findall(written)):
        known = {name: facts[name] for name in named if facts.get(name) is not None}
        written = _NAMED.sub(lambda found: _plain(known[found[1]]), written) if known.keys() == set(named) else ""
    usual = {"nik": gettext("16 angka; spasi dan titik boleh."), "kk": gettext("16 angka; spasi dan titik boleh.")}
    return written or usual.get(component.format, "")


def _plain(fact: object) -> str:
    return formats.number(fact) if isinstance(fact, int | float | Decimal) else str(fact)


def _sentences(found: Mapping[str, Sequence[str]], path: str, component: Component) -> tuple[str, ...]:
    return tuple(sentence(problem, component) for problem in found.get(path, ()))


def _usual_width(component: Component) -> str:
    if component.format in ("nik", "kk", "phone", "code"):
        return "medium"
    return "short" if component.type == "number" and component.format != "rupiah" else ""


def _inputmode(component: Component) -> str:
    if component.type == "number":
        return "decimal" if component.decimal_digits != 0 else "numeric"
    return {"nik": "numeric", "kk": "numeric", "phone": "tel"}.get(component.format, "")


def _id(path: str) -> str:
    return path.replace("#", "part-")


def _walk(components: tuple[Component, ...]) -> Iterator[Component]:
    for component in components:
        yield component
        yield from _walk(component.children)
