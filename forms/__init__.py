"""Forms: one .form file is what the analyst edits, what the page draws and the schema that checks the answers."""

from forms.asked import not_asked
from forms.check import Result, check, dump, load, visibility_of
from forms.conditions import Situation, Visibility, nothing_hidden
from forms.definition import read, untranslated
from forms.diff import Change, FormChange, changes, form_changes
from forms.facts import fact_keys, facts_of, personal_keys
from forms.model import Component, Form, Option, questions
from forms.problems import FormError, Problem
from forms.readers import readable, readable_by, withheld_keys
from forms.records import Binding, bindings, records_of

__all__ = [
    "Binding",
    "Change",
    "Component",
    "Form",
    "FormChange",
    "FormError",
    "Option",
    "Problem",
    "Result",
    "Situation",
    "Visibility",
    "bindings",
    "changes",
    "check",
    "dump",
    "fact_keys",
    "facts_of",
    "form_changes",
    "load",
    "not_asked",
    "nothing_hidden",
    "personal_keys",
    "questions",
    "read",
    "readable",
    "readable_by",
    "records_of",
    "untranslated",
    "visibility_of",
    "withheld_keys",
]
