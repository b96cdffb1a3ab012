"""What AWS calls a service, as people read it."""

import pytest

from guidance.catalogue import Kind
from provisioning.domain.last_use import service


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        (Kind.SMTP, "ses", "SMTP"),
        (Kind.SMTP, "ses-smtp", "SMTP"),
        (Kind.API, "ses", "SES"),
        (Kind.API, "ses-smtp", "SMTP"),
        (Kind.API, "sts", "STS"),
    ],
)
def test_both_names_of_an_smtp_sign_in_read_alike(kind, name, words):
    assert service(kind, name) == words
