"""The names chosen before the first call: IAM takes every one of them, and no two meet."""

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.domain import naming

# IAM's own limits (IAM user guide, "Names and quotas").
IAM_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")
TAG_VALUE = re.compile(r"[A-Za-z0-9 _.:/=+@-]{0,256}")

applications = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,28}[A-Za-z0-9])?", fullmatch=True)
slugs = st.from_regex(r"[a-z0-9][a-z0-9-]{0,19}", fullmatch=True)


@given(slugs, applications, st.uuids())
def test_iam_takes_every_user_name(slug, application, request_id):
    name = naming.user_name(slug, application, request_id)
    assert IAM_NAME.fullmatch(name)
    assert name[0].isalpha()
    assert name == name.lower()  # IAM ignores case, so there is one spelling only


@given(applications)
def test_every_application_of_the_right_form_is_taken(application):
    assert naming.application_trouble(application) == ""


@given(st.text(max_size=40))
def test_whatever_is_taken_fits_into_an_iam_name(application):
    if naming.application_trouble(application) == "":
        assert IAM_NAME.fullmatch(naming.user_name("a" * naming.MAX_TEAM_SLUG, application, UUID(int=7)))


@pytest.mark.parametrize(
    "application",
    ["", " ", "-", "-a", "a-", "a b", "a_b", "a.b", "a/b", "weekly\n", "ñ", "Ⅷ", "a\0b", "${x}", "a" * 31, "٣"],
)
def test_whatever_iam_or_people_could_misread_is_refused_with_a_sentence(application):
    assert naming.application_trouble(application).endswith(".")


def test_two_requests_of_one_name_get_two_users():
    one, two = UUID("aaaaaaaa" + "0" * 24), UUID("bbbbbbbb" + "0" * 24)
    assert naming.user_name("news", "App", one) != naming.user_name("news", "app", two)


@pytest.mark.parametrize(("account", "path"), [("/ses-dashboard/", "/ses-dashboard/news/"), ("/a/b/", "/a/b/news/")])
def test_a_team_has_a_path_of_its_own(account, path):
    assert naming.user_path(account, "news") == path


def test_the_arn_is_the_one_that_iam_gives():
    arn = naming.user_arn(partition="aws", account_id="123456789012", path="/ses-dashboard/news/", name="ses-news-x")
    assert arn == "arn:aws:iam::123456789012:user/ses-dashboard/news/ses-news-x"


@given(st.uuids(), st.integers(1, 2**62))
def test_tags_carry_ids_only(act_id, team_id):
    tags = naming.tags(act_id=act_id, team_id=team_id)
    assert tags[naming.ACT_TAG] == str(act_id)
    assert all(TAG_VALUE.fullmatch(value) for value in tags.values())
    assert not any(name.lower().startswith("aws:") for name in tags)


@given(st.text(max_size=80))
def test_a_suggested_short_name_is_one_that_iam_takes_or_none(name):
    slug = naming.team_slug(name)
    assert slug in {"", "new"} or naming.team_slug_trouble(slug) == ""


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Newsletter", "newsletter"),
        ("  Ärger & Söhne ", "arger-sohne"),
        ("A very long name of a team", "a-very-long-name-of"),
        ("通信", ""),
        ("New", "new"),
    ],
)
def test_a_name_suggests_a_short_name(name, slug):
    assert naming.team_slug(name) == slug


@pytest.mark.parametrize("slug", ["", "-a", "a-", "A", "a_b", "a/b", "a.b", "ä", "a\n", "new", "a" * 21, "../a", "a b"])
def test_a_short_name_that_iam_or_an_address_would_not_take(slug):
    assert naming.team_slug_trouble(slug)
