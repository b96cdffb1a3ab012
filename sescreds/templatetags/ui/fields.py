"""Forms: fields, choices, and what has to change."""

from django import forms
from django.forms import BaseForm, BoundField
from django.template import Library
from django.utils.safestring import SafeString

from sescreds.templatetags.ui.rendering import render

register = Library()


def _control(widget: forms.Widget) -> str:
    """Say which control of field.html shows this widget."""
    kinds: dict[type[forms.Widget], str] = {
        forms.Textarea: "textarea",
        forms.RadioSelect: "choices",  # and CheckboxSelectMultiple, which extends it
        forms.Select: "select",
        forms.CheckboxInput: "checkbox",
    }
    return next((kind for cls, kind in kinds.items() if isinstance(widget, cls)), "input")


@register.simple_tag
def field(bound: BoundField, label: str = "") -> SafeString:
    """Show a form's field: label, hint, error, control, tied together; text, textarea, number, select and choices.

    A choice whose label has a `.note` shows that beneath, and with `.disabled` cannot be chosen.
    """
    control = _control(bound.field.widget)
    ties = bound.aria_describedby if control == "choices" else ""
    attrs = {} if control == "choices" else {"id": bound.auto_id}
    described = {"aria-describedby": bound.aria_describedby} if bound.aria_describedby and attrs else {}
    data = bound.field.widget.get_context(
        bound.html_name, bound.value(), bound.build_widget_attrs({**bound.field.widget.attrs, **attrs, **described})
    )["widget"]
    # A group of choices is folded away, unless something in it is chosen.
    groups = data["optgroups"] if control == "choices" else ()
    opened = {name for name, options, _ in groups if any(each["selected"] for each in options)}
    known = {"control": control, "widget": data, "ties": ties, "opened": opened}
    return render("field", field=bound, label=label or bound.label, **known)


@register.simple_tag
def choice(
    name: str,
    value: str,
    title: str,
    note: str = "",
    *,
    kind: str = "radio",
    checked: bool = False,
    disabled: bool = False,
    required: bool = False,
) -> SafeString:
    """Show one option with a sentence, for a page that asks a single question without a form class."""
    return render(
        "choice",
        name=name,
        value=value,
        title=title,
        note=note,
        type=kind,
        checked=checked,
        disabled=disabled,
        required=required,
    )


@register.simple_tag
def form_errors(form: BaseForm, title: str = "", *, beside: BaseForm | None = None) -> SafeString:
    """Show above a form what has to change, each line a link to its field; nothing when nothing is wrong.

    `beside` is a second form on the same page, sent by the same button.
    """
    forms = [each for each in (form, beside) if each is not None]
    fields = [each[name] for each in forms for name in each.fields]
    lines = [(f"#{field.auto_id}", field.label, error) for field in fields for error in field.errors]
    general = [error for each in forms for error in each.non_field_errors()]
    if not (lines or general):
        return SafeString()
    return render("form_errors", title=title, general=general, lines=lines, count=len(lines))
