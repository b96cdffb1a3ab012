"""The policy of an access key for the API: what it says, word for word, and that it never says more."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.domain.api_policy import ApiOptions, Way, api_policy, breaches
from provisioning.domain.from_entries import FromEntry
from provisioning.domain.own_policy import boundary_policy
from provisioning.domain.sending_policy import SIZE_LIMIT, as_text, size
from provisioning.domain.source_ips import source_ip
from provisioning.sandbox.policies import read_policy

END = datetime(2027, 5, 22, 14, 2, tzinfo=UTC)
REGIONS = ["eu-central-1", "us-east-1", "eu-central-2"]
WAYS = st.lists(st.sampled_from(list(Way)), min_size=1, unique=True)
ENTRIES = st.lists(st.sampled_from(["*@example.com", "*@news.example.com"]), min_size=1, unique=True)
PUBLIC = st.ip_addresses(network="203.0.0.0/8") | st.ip_addresses(network="2001::/16")
RANGES = st.lists(PUBLIC.map(lambda address: source_ip(str(address))), max_size=3, unique=True)


def policy(**changes):
    told = {
        "partition": "aws",
        "account_id": "123456789012",
        "regions": ["eu-central-1"],
        "from_entries": ["*@example.com"],
        "expires_at": END,
        "options": {"actions": ["SendEmail", "SendRawEmail"]},
    }
    return api_policy(**(told | changes))


def test_it_reads_word_for_word():
    assert policy()["Statement"] == [
        {
            "Sid": "SendAsTheseAddresses",
            "Effect": "Allow",
            "Action": ["ses:SendEmail", "ses:SendRawEmail"],
            "Resource": [
                "arn:aws:ses:eu-central-1:123456789012:identity/*",
                "arn:aws:ses:eu-central-1:123456789012:configuration-set/*",
            ],
            "Condition": {
                "StringLike": {"ses:FromAddress": ["*@example.com"]},
                "DateLessThan": {"aws:CurrentTime": "2027-05-22T14:02:00Z"},
            },
        }
    ]


def test_bulk_is_a_statement_of_its_own_on_the_identities_of_the_domains():
    options = {"actions": ["SendBulkEmail"], "source_ips": ["203.0.113.0/24"], "configuration_set": "events"}
    assert policy(options=options)["Statement"] == [
        {
            "Sid": "SendBulkAsTheseDomains",
            "Effect": "Allow",
            "Action": "ses:SendBulkEmail",
            "Resource": [
                "arn:aws:ses:eu-central-1:123456789012:identity/example.com",
                "arn:aws:ses:eu-central-1:123456789012:configuration-set/events",
                "arn:aws:ses:eu-central-1:123456789012:template/*",
            ],
            "Condition": {
                "DateLessThan": {"aws:CurrentTime": "2027-05-22T14:02:00Z"},
                "IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]},
            },
        }
    ]


@given(WAYS, ENTRIES, RANGES, st.lists(st.sampled_from(REGIONS), min_size=1, unique=True))
def test_it_allows_the_chosen_ways_and_nothing_without_a_narrowing(ways, entries, ranges, regions):
    options = ApiOptions(tuple(ways), tuple(ranges)).as_json
    said = json.loads(as_text(policy(options=options, from_entries=entries, regions=regions)))
    allowed = [action for each in said["Statement"] for action in _listed(each["Action"])]
    assert sorted(allowed) == sorted(f"ses:{way}" for way in ways)
    for statement in said["Statement"]:
        conditions, resources = statement["Condition"], statement["Resource"]
        assert conditions["DateLessThan"]
        assert conditions.get("IpAddress", {}).get("aws:SourceIp", []) == ranges
        assert {arn.split(":")[3] for arn in resources} == set(regions)
        identities = {arn.split(":", 5)[5] for arn in resources if ":identity/" in arn}
        if statement["Action"] == "ses:SendBulkEmail":
            assert identities == {f"identity/{entry.removeprefix('*@')}" for entry in entries}
        else:
            assert conditions["StringLike"] == {"ses:FromAddress": entries}


@given(WAYS, ENTRIES, st.lists(st.sampled_from(REGIONS), min_size=1, unique=True))
def test_the_boundary_lets_all_of_it_through(ways, entries, regions):
    boundary = boundary_policy(account_id="123456789012", path="/ses-dashboard/", partition="aws")
    (ceiling,) = read_policy(json.dumps(boundary)).statements
    said = policy(options={"actions": ways}, from_entries=entries, regions=regions)
    for statement in said["Statement"]:
        for action in _listed(statement["Action"]):
            assert all(ceiling.concerns(action, arn.replace("*", "any"), {}) for arn in statement["Resource"])


def _listed(value):
    return [value] if isinstance(value, str) else value


@given(WAYS, RANGES, st.sampled_from(["", "events"]))
def test_options_are_kept_and_read_again(ways, ranges, name):
    options = ApiOptions(tuple(way for way in Way if way in ways), tuple(ranges), name)
    assert ApiOptions.of(json.loads(json.dumps(options.as_json))) == options


def test_a_way_that_aws_has_not_is_no_option():
    with pytest.raises(ValueError, match="SendBounce"):
        ApiOptions.of({"actions": ["SendBounce"]})


def test_bulk_needs_whole_domains_and_something_has_to_be_sent():
    entries = tuple(map(FromEntry.parse, ("*@example.com", "news@example.com")))
    (found,) = breaches({"actions": ["SendBulkEmail", "SendEmail"]}, entries)
    assert found.field == "actions"
    assert "news@example.com is not one" in found.text
    assert breaches({"actions": ["SendBulkEmail"]}, entries[:1]) == ()
    assert breaches({"actions": ["SendEmail"]}, entries) == ()
    assert [breach.field for breach in breaches({}, entries)] == ["actions"]


def test_all_that_can_be_chosen_fits_for_one_domain_in_two_regions():
    options = {"actions": list(Way), "source_ips": ["203.0.113.0/24"] * 10, "configuration_set": "x" * 64}
    text = as_text(policy(options=options, regions=REGIONS[:2]))
    assert size(text) < SIZE_LIMIT


# Source addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("203.0.113.0/255.255.255.0", "203.0.113.0/24"),
        ("2001:DB8:0::/32", "2001:db8::/32"),
        ("2001:db8::1", "2001:db8::1/128"),
    ],
)
def test_a_source_address_becomes_canonical(typed, canonical):
    assert source_ip(typed) == canonical


@pytest.mark.parametrize(
    "typed",
    [
        "10.0.0.5", "10.0.0.0/8", "10.20.0.0/16", "172.16.0.0/12", "172.31.255.255", "192.168.1.0/24", "100.64.0.1",
        "100.127.0.0/16", "127.0.0.1", "169.254.169.254", "0.0.0.0", "198.18.0.0/15", "224.0.0.1", "255.255.255.255",
        "::1", "::", "::ffff:203.0.113.7", "fc00::/7", "fd12:3456::/32", "fe80::1", "febf::/16", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_an_address_that_aws_never_sees_is_refused_with_what_to_give_instead(typed):
    with pytest.raises(ValueError, match="Give the public address"):
        source_ip(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "9.255.255.255", "11.0.0.0/8", "100.63.0.1", "100.128.0.0/16", "172.15.0.0/16", "172.32.0.1", "172.0.0.0/8",
        "192.167.1.1", "192.169.0.0/16", "128.0.0.0/8", "169.253.0.1", "2600::1", "2001:db8::/32",
    ],
)  # fmt: skip
def test_their_neighbours_are_taken(typed):
    assert source_ip(typed)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "no IP address"),
        ("example.com", "no IP address"),
        ("203.0.113.0/33", "no IP address"),
        ('2600::1%${aws:username}" ,x', "no IP address"),
        ("2600::%eth0/32", "no IP address"),
        ("203.0.113.256", "no IP address"),
        ("203.0.113.7/24", "write 203.0.113.0/24"),
        ("0.0.0.0/0", "every address"),
        ("::/0", "every address"),
        ("128.0.0.0/1", "too wide"),
        ("2001::/15", "bits beyond"),
        ("2000::/3", "too wide"),
        ("${aws:SourceIp}", "no IP address"),
    ],
)
def test_what_is_no_source_address_is_told_in_words(typed, words):
    with pytest.raises(ValueError, match=words.replace("$", r"\$")):
        source_ip(typed)


@given(PUBLIC)
def test_what_is_canonical_stays_so(address):
    assert source_ip(source_ip(str(address))) == source_ip(str(address))
