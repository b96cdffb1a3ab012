"""Settings for an access key: each form holds what it must, and what is shown as code runs."""

import shlex
from dataclasses import replace

import pytest

from guidance.api_recipes import ApiSettings, dotenv, recipes

SETTINGS = ApiSettings(
    profile="weekly-digest",
    region="eu-central-1",
    key_id="AKIAIOSFODNN7EXAMPLE",
    secret="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    from_address="digest@example.com",
    configuration_set="events",
    endpoint="http://127.0.0.1:5055",
)
ACTIONS = ("SendEmail", "SendRawEmail", "SendTemplatedEmail", "SendBulkEmail")


def text(slug, **changes):
    return next(recipe.text for recipe in recipes(replace(SETTINGS, **changes)) if recipe.slug == slug)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("profile", "two words"),
        ("region", "eu-central-1\n"),
        ("key_id", "AKIA"),
        ("secret", "B" * 44),
        ("from_address", "a@b.example\nAWS_PROFILE=other"),
        ("action", "SendBounce"),
        ("configuration_set", "a;b"),
        ("endpoint", "http://a b"),
    ],
)
def test_what_could_mean_more_than_itself_is_refused_and_never_repeated(field, value):
    with pytest.raises(ValueError, match=field) as caught:
        replace(SETTINGS, **{field: value})
    assert value not in str(caught.value)


def test_the_secret_is_in_no_repr():
    assert SETTINGS.secret not in repr(SETTINGS)
    assert all(SETTINGS.secret not in repr(recipe) for recipe in recipes(SETTINGS))


def test_the_env_file_reads_back_as_a_shell_reads_it():
    said = dict(line.split("=", 1) for line in shlex.split(dotenv([SETTINGS]), comments=True))
    assert said == {
        "AWS_ACCESS_KEY_ID": SETTINGS.key_id,
        "AWS_SECRET_ACCESS_KEY": SETTINGS.secret,
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "SES_FROM": "digest@example.com",
        "SES_CONFIGURATION_SET": "events",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:5055",
    }


@pytest.mark.parametrize("action", ACTIONS)
def test_python_asks_for_what_the_key_may(monkeypatch, action):
    asked = {}

    class Ses:
        def send_email(self, **named):
            asked.update(named)

        send_bulk_email = send_email

    import boto3

    monkeypatch.setattr(boto3, "client", lambda service, region_name: Ses() if service == "sesv2" else None)
    exec(compile(text("boto3", action=action), "recipe", "exec"), {})
    content = asked.get("Content") or asked["DefaultContent"]
    wanted = {"SendEmail": "Simple", "SendRawEmail": "Raw"}.get(action, "Template")
    assert list(content) == [wanted]
    assert (asked["FromEmailAddress"], asked["ConfigurationSetName"]) == ("digest@example.com", "events")


@pytest.mark.parametrize("action", ACTIONS)
def test_the_command_is_one_line_to_the_shell(action):
    words = shlex.split(text("cli", action=action).replace("\\\n", " "))
    assert words[:3] == ["aws", "sesv2", "send-bulk-email" if action == "SendBulkEmail" else "send-email"]
    assert words[words.index("--from-email-address") + 1] == "digest@example.com"
    assert SETTINGS.secret not in words


def test_botocore_reads_the_files(tmp_path, monkeypatch):
    import botocore.session

    credentials, config = text("files").split("# ~/.aws/config\n")
    for name, content in (("credentials", credentials), ("config", config)):
        (tmp_path / name).write_text(content)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    session = botocore.session.Session(profile="weekly-digest")
    found = session.get_credentials()
    assert (found.access_key, found.secret_key) == (SETTINGS.key_id, SETTINGS.secret)
    assert session.get_config_variable("region") == "eu-central-1"
