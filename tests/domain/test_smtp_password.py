"""The SMTP password: published vectors, and the mistakes that other programs made."""

import base64
import hashlib
import hmac
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.domain.smtp_password import derive

EXAMPLE = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

# Published by HashiCorp, pepperize and tofran, and AWS itself (SDK for PHP).
PUBLISHED = [
    ("some+secret+key", "eu-central-1", "BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2"),
    ("another+secret+key", "eu-central-1", "BBbphbrQmrKMx42d1N6+C7VINYEBGI5v9VsZeTxwskfh"),
    ("some+secret+key", "us-west-1", "BH+jbMzper5WwlwUar9E1ySBqHa9whi0GPo+sJ0mVYJj"),
    ("dhSgJJyAs+2z19oLOVkwBrE6GkdNQD5fL5Dou5Tb", "eu-central-1", "BK0hyoUp3vjB+NdwhSiUpkA9oA84fNaqhEKrXZ5PkcX2"),
    (EXAMPLE, "us-east-2", "BMPPgbAHoFVbze1Ud0oA5uNdXRwUXUZ+qOwphGJbl/cS"),
]
STEPS = ("11111111", "{region}", "ses", "aws4_request", "SendRawEmail")

secrets = st.text(min_size=1, max_size=60)
regions = st.from_regex(r"[a-z]{2}-[a-z]{4,9}-[1-9]", fullmatch=True)


def chain(first: bytes, region: str, *, version: bytes = b"\x04", swapped: bool = False) -> str:
    digest = first
    for step in STEPS:
        key, message = digest, step.format(region=region).encode()
        if swapped:
            key, message = message, key
        digest = hmac.digest(key, message, hashlib.sha256)
    return base64.b64encode(version + digest).decode()


def without_the_prefix(secret, region):
    return chain(secret.encode(), region)


def one_digest_with_the_prefix(secret, region):
    digest = hmac.digest(f"AWS4{secret}".encode(), b"SendRawEmail", hashlib.sha256)
    return base64.b64encode(b"\x04" + digest).decode()


def the_old_algorithm(secret, region):
    return base64.b64encode(b"\x02" + hmac.digest(secret.encode(), b"SendRawEmail", hashlib.sha256)).decode()


def version_as_a_letter(secret, region):
    return chain(f"AWS4{secret}".encode(), region, version=b"04")


def version_in_the_key(secret, region):
    return chain(b"\x04" + f"AWS4{secret}".encode(), region)


def key_and_message_swapped(secret, region):
    return chain(f"AWS4{secret}".encode(), region, swapped=True)


def url_safe_alphabet(secret, region):
    return chain(f"AWS4{secret}".encode(), region).translate(str.maketrans("+/", "-_"))


WRONG = [
    without_the_prefix,
    one_digest_with_the_prefix,
    the_old_algorithm,
    version_as_a_letter,
    version_in_the_key,
    key_and_message_swapped,
    url_safe_alphabet,
]


@pytest.mark.parametrize(("secret", "region", "password"), PUBLISHED)
def test_every_published_pair_comes_out(secret, region, password):
    assert derive(secret, region) == password


@pytest.mark.parametrize("mistake", WRONG)
def test_each_mistake_of_others_would_be_found_by_a_published_pair(mistake):
    assert any(mistake(secret, region) != password for secret, region, password in PUBLISHED)


@pytest.mark.parametrize(
    ("secret", "old"),
    [
        ("some+secret+key", "AnkqhOiWEcszZZzTMCQbOY1sPGoLFgMH9zhp4eNgSjo4"),
        ("another+secret+key", "Akwqr0Giwi8FsQFgW3DXWCC2DiiQ/jZjqLDWK8TeTBgL"),
        (EXAMPLE, "An60U4ZD3sd4fg+FvXUjayOipTt8LO4rUUmhpdX6ctDy"),
    ],
)
def test_the_old_algorithm_is_known_and_never_used(secret, old):
    assert the_old_algorithm(secret, "eu-central-1") == old
    assert derive(secret, "eu-central-1") != old


@given(secrets, regions)
def test_it_has_44_characters_and_no_padding(secret, region):
    assert re.fullmatch(r"B[A-P][A-Za-z0-9+/]{42}", derive(secret, region))


@given(secrets, regions, regions)
def test_it_is_another_one_in_each_region(secret, one, other):
    assert (derive(secret, one) == derive(secret, other)) is (one == other)


@given(st.text(min_size=8, max_size=60), regions)
def test_it_does_not_show_the_secret(secret, region):
    password = derive(secret, region)
    assert secret not in password
    assert secret.encode() not in base64.b64decode(password)


def test_the_rule_needs_nothing_but_the_standard_library():
    program = (
        "import sys\n"
        "from provisioning.domain.smtp_password import derive\n"
        "foreign = {'django', 'boto3', 'botocore', 'cryptography'} & set(sys.modules)\n"
        "assert not foreign, foreign\n"
        "print(derive('some+secret+key', 'us-west-1'))\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env={})
    assert said.stdout.strip() == "BH+jbMzper5WwlwUar9E1ySBqHa9whi0GPo+sJ0mVYJj"
