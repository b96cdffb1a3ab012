"""THE TABLE, held against a second one that was written by hand, and the words of each no."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.domain.permission import NOWHERE, Target, demand, not_there, reaches
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import THE_TABLE, Act, Actor, Role, system

OWN, OTHER = 1, 2  # teams
ME, YOU = 10, 11  # people

ADMIN = Actor("admin@example.com", Role.ADMINISTRATOR, ME)
AUDITOR = Actor("auditor@example.com", Role.AUDITOR, ME)
MEMBER = Actor("member@example.com", Role.MEMBER, ME, frozenset({OWN}))
GUEST = Actor("guest@example.com", Role.GUEST, ME)
SWEEP = system("sweep")

MINE = Target(OWN, ME)
TEAMMATES = Target(OWN, YOU)
STRANGERS = Target(OTHER, YOU)
LEFT_BEHIND = Target(OTHER, ME)  # what I issued in a team that I am no longer in

# act: (administrator, auditor, member) x (mine, a teammate's, a stranger's, left behind); guests may nothing.
BY_HAND = {
    Act.CREDENTIAL_READ: ("yyyy", "yyyy", "yyNN"),
    Act.CREDENTIAL_PREPARE: ("yyyy", "NNNN", "yyNN"),
    Act.CREDENTIAL_ISSUE: ("yNNy", "NNNN", "yNNN"),
    Act.CREDENTIAL_REVOKE: ("yyyy", "NNNN", "yyNN"),
    Act.CREDENTIAL_RECOVER: ("NNNN", "NNNN", "NNNN"),
    Act.HANDOVER_LOOK: ("yNNy", "NNNN", "yNNN"),
    Act.HANDOVER_VERIFY: ("yNNy", "NNNN", "yNNN"),
    Act.HANDOVER_TEST: ("yNNy", "NNNN", "yNNN"),
    Act.HANDOVER_BURN: ("yNNy", "NNNN", "yNNN"),
    Act.HANDOVER_LOSE: ("yNNy", "NNNN", "yNNN"),
    Act.HANDOVER_EXPIRE: ("NNNN", "NNNN", "NNNN"),
    Act.IDENTITY_READ: ("yyyy", "NNNN", "yyyy"),
    Act.HISTORY_READ: ("yyyy", "yyyy", "yyNN"),
    Act.ACCOUNT_CHECK: ("yyyy", "NNNN", "NNNN"),
    Act.USAGE_READ: ("NNNN", "NNNN", "NNNN"),
}
CASES = [
    (act, actor, target, expected == "y")
    for act, columns in BY_HAND.items()
    for actor, row in zip((ADMIN, AUDITOR, MEMBER), columns, strict=True)
    for target, expected in zip((MINE, TEAMMATES, STRANGERS, LEFT_BEHIND), row, strict=True)
]


def test_every_act_has_its_row_in_both_tables():
    assert set(BY_HAND) == set(THE_TABLE) == set(Act)
    assert all(set(row) == set(Role) for row in THE_TABLE.values())


@pytest.mark.parametrize(("act", "actor", "target", "may"), CASES)
def test_the_table_says_what_was_written_by_hand(act, actor, target, may):
    assert reaches(actor, act, target) is may


@pytest.mark.parametrize("act", list(Act))
def test_a_guest_may_do_nothing(act):
    assert not any(reaches(GUEST, act, target) for target in (NOWHERE, MINE, TEAMMATES, STRANGERS))


def test_an_auditor_only_reads():
    assert {act for act in Act if reaches(AUDITOR, act)} == {Act.CREDENTIAL_READ, Act.HISTORY_READ}


def test_a_sweep_never_sees_a_secret_nor_issues():
    may = {act for act in Act if reaches(SWEEP, act, STRANGERS)}
    assert not may & {Act.CREDENTIAL_ISSUE, Act.CREDENTIAL_PREPARE, Act.HANDOVER_LOOK, Act.HANDOVER_TEST}


@given(
    st.sampled_from(list(Act)),
    st.builds(Actor, st.just("x"), st.sampled_from(list(Role)), st.just(ME), st.frozensets(st.integers(1, 4))),
    st.builds(Target, st.integers(1, 4), st.integers(10, 13)),
)
def test_who_may_not_in_general_may_not_in_particular(act, actor, target):
    if not reaches(actor, act):
        assert not reaches(actor, act, target)


@pytest.mark.parametrize(
    ("actor", "act", "target", "words"),
    [
        (AUDITOR, Act.CREDENTIAL_REVOKE, MINE, "changes nothing"),
        (GUEST, Act.CREDENTIAL_READ, MINE, "An administrator can add you to a team"),
        (MEMBER, Act.HANDOVER_LOOK, TEAMMATES, "Only the person who issued it"),
        (MEMBER, Act.CREDENTIAL_REVOKE, STRANGERS, "Only members of the team"),
        (ADMIN, Act.HANDOVER_LOOK, TEAMMATES, "Only the person who issued it"),
    ],
)
def test_a_no_says_who_may(actor, act, target, words):
    with pytest.raises(Refusal) as caught:
        demand(actor, act, target)
    assert caught.value.why is Reason.NOT_PERMITTED
    assert caught.value.status == 403
    assert words in caught.value.reason


def test_what_is_not_there_reads_like_what_one_may_not_see():
    refusal = not_there("credential")
    assert (refusal.status, refusal.title) == (404, "There is no such credential here")
    assert "address is wrong, or" in refusal.reason


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_an_answer_for_a_person(reason):
    status = Refusal(why=reason, title="No", reason="Because.").status
    assert 400 <= status < 500 or status == 503
