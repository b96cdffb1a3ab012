"""The policy of a sending credential: what it says, word for word, and that it never says more."""

import json
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from provisioning.domain.sending_policy import SIZE_LIMIT, as_text, sending_policy, size

END = datetime(2027, 5, 22, 14, 2, tzinfo=UTC)


def policy(**changes):
    given_ = {
        "partition": "aws",
        "account_id": "123456789012",
        "regions": ["eu-central-1"],
        "from_entries": ["digest@example.com"],
        "expires_at": END,
    }
    return sending_policy(**(given_ | changes))


def test_it_reads_word_for_word():
    assert policy() == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "SendAsTheseAddresses",
                "Effect": "Allow",
                "Action": "ses:SendRawEmail",
                "Resource": [
                    "arn:aws:ses:eu-central-1:123456789012:identity/*",
                    "arn:aws:ses:eu-central-1:123456789012:configuration-set/*",
                ],
                "Condition": {
                    "StringLike": {"ses:FromAddress": ["digest@example.com"]},
                    "DateLessThan": {"aws:CurrentTime": "2027-05-22T14:02:00Z"},
                },
            }
        ],
    }


def test_the_end_is_written_in_utc_wherever_it_was_counted():
    there = END.astimezone(timezone(timedelta(hours=9)))
    assert policy(expires_at=there) == policy()


def test_without_an_end_there_is_no_date():
    condition = policy(expires_at=None)["Statement"][0]["Condition"]
    assert condition == {"StringLike": {"ses:FromAddress": ["digest@example.com"]}}


@given(st.lists(st.sampled_from(["eu-central-1", "us-east-1", "eu-west-1"]), min_size=1, unique=True))
def test_it_names_the_chosen_regions_of_the_account_and_no_other(regions):
    resources = policy(regions=regions)["Statement"][0]["Resource"]
    assert {arn.split(":")[3] for arn in resources} == set(regions)
    assert all(arn.split(":")[4] == "123456789012" for arn in resources)


@given(st.lists(st.text(max_size=30), min_size=1))
def test_there_is_one_action_and_always_a_from_condition(entries):
    (statement,) = json.loads(as_text(policy(from_entries=entries)))["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "ses:SendRawEmail")
    assert statement["Condition"]["StringLike"] == {"ses:FromAddress": entries}


@given(st.text())
def test_the_size_counts_all_but_white_space(text):
    assert size(text) == len("".join(text.split()))


def test_iam_counts_2048_characters():
    assert SIZE_LIMIT == 2_048
    assert size(as_text(policy())) < SIZE_LIMIT
