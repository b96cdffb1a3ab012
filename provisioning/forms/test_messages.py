"""The shape of a test message."""

from django import forms

from provisioning.forms.shapes import PlainForm


class TestMessageForm(PlainForm):
    """From where, and in which region, the test message goes."""

    region = forms.CharField(max_length=32)
    sender = forms.CharField(
        max_length=254, label="From address", help_text="An exact address that this credential may send as."
    )
