"""Sending through the SES API: another action by what a message is made of, and the same decision as over SMTP."""

import json

import pytest

from provisioning.domain.api_policy import api_policy
from tests.sandbox.conftest import BOUNDARY, allow, code_of, policy

REGION, SIMULATOR = "eu-central-1", "success@simulator.amazonses.com"
DENIED = "AccessDeniedException"
SIMPLE = {"Simple": {"Subject": {"Data": "test"}, "Body": {"Text": {"Data": "hello"}}}}
RAW = {"Raw": {"Data": b"From: news@example.com\r\nTo: success@simulator.amazonses.com\r\n\r\nhello\r\n"}}
TEMPLATE = {"Template": {"TemplateName": "welcome", "TemplateData": "{}"}}
CONTENTS = {"SendEmail": SIMPLE, "SendRawEmail": RAW, "SendTemplatedEmail": TEMPLATE}


def written(*actions, entries=("*@example.com",), regions=(REGION,), expires_at=None, **more):
    """The product's own policy, as the sandbox is given it."""
    return json.dumps(
        api_policy(
            partition="aws",
            account_id="123456789012",
            regions=regions,
            from_entries=entries,
            expires_at=expires_at,
            options={"actions": actions, **more},
        )
    )


@pytest.fixture
def ses(sandbox, make_user, as_user, client_of):
    """A key with a policy within the boundary, as a client of SES v2."""
    of_root = client_of("sesv2", sandbox.root_keys)
    of_root.create_email_template(TemplateName="welcome", TemplateContent={"Subject": "Welcome"})
    of_root.create_configuration_set(ConfigurationSetName="events")

    def client(document, region=REGION):
        key = make_user(f"user{len(sandbox.world.iam.users)}", document, PermissionsBoundary=BOUNDARY)
        return as_user("sesv2", key, region)

    return client


def email(client, content=SIMPLE, sender="news@example.com", to=SIMULATOR, **more):
    destination = {"ToAddresses": [to]}
    return client.send_email(FromEmailAddress=sender, Destination=destination, Content=content, **more)


def bulk(client, sender="news@example.com", to=SIMULATOR, **more):
    entries = [{"Destination": {"ToAddresses": [to]}}] * 2
    return client.send_bulk_email(FromEmailAddress=sender, DefaultContent=TEMPLATE, BulkEmailEntries=entries, **more)


@pytest.mark.parametrize("action", CONTENTS)
def test_each_content_needs_its_own_action(sandbox, ses, action):
    mine, others = ses(written(action)), ses(written(*(set(CONTENTS) - {action})))
    assert email(mine, CONTENTS[action])["MessageId"] == sandbox.mailbox[-1].message_id
    assert code_of(lambda: email(others, CONTENTS[action])) == DENIED


def test_bulk_is_one_result_for_each_destination_and_needs_its_own_action(sandbox, ses):
    results = bulk(ses(written("SendBulkEmail")))["BulkEmailEntryResults"]
    assert [result["Status"] for result in results] == ["SUCCESS", "SUCCESS"]
    assert [each.message_id for each in sandbox.mailbox] == [result["MessageId"] for result in results]
    assert code_of(lambda: bulk(ses(written(*CONTENTS)))) == DENIED


def test_bulk_is_bound_to_the_identity_of_its_domain(ses):
    client = ses(written("SendBulkEmail"))
    assert bulk(client, sender="anybody@example.com")
    assert code_of(lambda: bulk(client, sender="news@billing.example.com")) == DENIED


def test_bulk_has_no_from_condition(ses):
    anything = policy(allow("ses:SendBulkEmail", "*", StringLike={"ses:FromAddress": ["*@example.com"]}))
    assert code_of(lambda: bulk(ses(anything))) == DENIED


@pytest.mark.parametrize("action", CONTENTS)
def test_one_team_cannot_send_as_another(sandbox, ses, action):
    client = ses(written(action))
    raw = {"Raw": {"Data": RAW["Raw"]["Data"].replace(b"news@example.com", b"news@billing.example.com")}}
    content = raw if action == "SendRawEmail" else CONTENTS[action]
    assert code_of(lambda: email(client, content, sender="news@billing.example.com")) == DENIED
    assert not sandbox.mailbox


def test_what_the_message_says_counts_not_the_envelope(ses):
    raw = {"Raw": {"Data": RAW["Raw"]["Data"].replace(b"news@example.com", b"news@billing.example.com")}}
    assert code_of(lambda: email(ses(written("SendRawEmail")), raw, sender="news@example.com")) == DENIED


def test_a_display_name_is_no_part_of_the_address(ses):
    client = ses(written("SendEmail", entries=("news@example.com",)))
    assert email(client, sender="The News <news@example.com>")
    assert code_of(lambda: email(client, sender='"news@example.com" <boss@example.com>')) == DENIED


@pytest.mark.parametrize("action", [*CONTENTS, "SendBulkEmail"])
def test_the_source_address_counts(ses, action):
    def send(*ranges):
        client = ses(written(action, source_ips=list(ranges)))
        return bulk(client) if action == "SendBulkEmail" else email(client, CONTENTS[action])

    assert send("203.0.113.0/24", "127.0.0.1/32")
    assert code_of(lambda: send("203.0.113.0/24")) == DENIED
    assert code_of(lambda: send("2001:db8::/32")) == DENIED


def test_the_configuration_set_is_a_resource(ses):
    client = ses(written("SendEmail", "SendBulkEmail", configuration_set="events"))
    assert email(client, ConfigurationSetName="events")
    assert bulk(client, ConfigurationSetName="events")
    assert email(client)
    assert code_of(lambda: email(client, ConfigurationSetName="others")) == DENIED
    assert code_of(lambda: bulk(client, ConfigurationSetName="others")) == DENIED


def test_the_end_counts(sandbox, ses):
    client = ses(written("SendEmail", "SendBulkEmail", expires_at=sandbox.world.clock.now().replace(year=2100)))
    assert email(client)
    sandbox.clock_offset = 100 * 366 * 24 * 60 * 60
    assert code_of(lambda: email(client)) == DENIED
    assert code_of(lambda: bulk(client)) == DENIED
    sandbox.clock_offset = 0


def test_the_region_counts(ses):
    assert code_of(lambda: email(ses(written("SendEmail"), "us-east-1"))) == DENIED


def test_the_boundary_is_the_ceiling(sandbox, ses, client_of):
    client = ses(policy(allow(["ses:*"])))
    assert email(client)
    assert bulk(client)
    assert code_of(client.list_email_identities) == DENIED


def test_what_is_not_there_or_not_verified(ses):
    client = ses(written(*CONTENTS, "SendBulkEmail", entries=("*@example.com", "*@elsewhere.example.org")))
    missing = {"Template": {"TemplateName": "missing", "TemplateData": "{}"}}
    assert code_of(lambda: email(client, missing)) == "NotFoundException"
    assert code_of(lambda: email(client, ConfigurationSetName="missing")) == "NotFoundException"
    assert code_of(lambda: email(client, sender="news@elsewhere.example.org")) == "MessageRejected"
    # Still in the SES sandbox, where recipients have to be verified too.
    assert code_of(lambda: email(client, to="somebody@elsewhere.example.org")) == "MessageRejected"
    assert code_of(lambda: bulk(client, to="somebody@elsewhere.example.org")) == "MessageRejected"


def test_content_that_is_none_of_the_three(ses):
    client = ses(written("SendEmail"))
    assert code_of(lambda: email(client, {})) == "BadRequestException"
    assert code_of(lambda: email(client, {**SIMPLE, **RAW})) == "BadRequestException"
    assert code_of(lambda: email(client, {"Template": {"TemplateData": "{}"}})) == "BadRequestException"


def test_a_template_in_the_call_is_no_resource(ses):
    inline = {"Template": {"TemplateContent": {"Subject": "x", "Text": "y"}, "TemplateData": "{}"}}
    identity = policy(allow("ses:SendTemplatedEmail", "arn:aws:ses:eu-central-1:123456789012:identity/*"))
    client = ses(identity)
    assert email(client, inline)
    assert code_of(lambda: email(client, TEMPLATE)) == DENIED


def test_a_key_that_was_stopped_sends_nothing(sandbox, root, make_user, as_user):
    key = make_user("stopped", written("SendEmail"))
    client = as_user("sesv2", key)
    assert email(client)
    root.update_access_key(UserName="stopped", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert code_of(lambda: email(client)) == "UnrecognizedClientException"
    root.update_access_key(UserName="stopped", AccessKeyId=key["AccessKeyId"], Status="Active")
    assert email(client)
    root.delete_access_key(UserName="stopped", AccessKeyId=key["AccessKeyId"])
    assert code_of(lambda: email(client)) == "UnrecognizedClientException"


def test_a_message_is_a_use_of_the_key(sandbox, root, make_user, as_user):
    key = make_user("used", written("SendEmail"))
    email(as_user("sesv2", key))
    used = root.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("ses", REGION)


def test_names_are_taken_once(sandbox, client_of):
    of_root = client_of("sesv2", sandbox.root_keys)
    of_root.create_configuration_set(ConfigurationSetName="once")
    again = lambda: of_root.create_configuration_set(ConfigurationSetName="once")  # noqa: E731
    assert code_of(again) == "AlreadyExistsException"
