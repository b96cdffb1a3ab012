"""THE TABLE, held against a second one that was written by hand, and the words of each no."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.domain.permission import NOWHERE, Target, demand, not_there, reaches
from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.roles import NEEDS_FRESH_SIGN_IN, THE_TABLE, Act, Actor, Reach, Role, system

OWN, OTHER = 1, 2  # teams
ME, YOU = 10, 11  # people

ADMIN = Actor("admin@example.com", Role.ADMINISTRATOR, ME, is_fresh=True)
AUDITOR = Actor("auditor@example.com", Role.AUDITOR, ME, is_fresh=True)
MEMBER = Actor("member@example.com", Role.MEMBER, ME, frozenset({OWN}), is_fresh=True)
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
    Act.CREDENTIAL_SUSPEND: ("yyyy", "NNNN", "yyNN"),
    Act.CREDENTIAL_RESUME: ("yyyy", "NNNN", "yyNN"),
    Act.CREDENTIAL_READDRESS: ("yyyy", "NNNN", "yyNN"),
    Act.CREDENTIAL_TRANSFER: ("yyyy", "NNNN", "NNNN"),
    Act.CREDENTIAL_NOTE: ("yyyy", "NNNN", "yyNN"),
    Act.PERSON_READ: ("yyyy", "yyyy", "NNNN"),
    Act.PERSON_INVITE: ("yyyy", "NNNN", "NNNN"),
    Act.PERSON_JOIN: ("NNNN", "NNNN", "NNNN"),
    Act.INVITATION_WITHDRAW: ("yyyy", "NNNN", "NNNN"),
    Act.PERSON_CHANGE: ("yyyy", "NNNN", "NNNN"),
    Act.PERSON_DEACTIVATE: ("yyyy", "NNNN", "NNNN"),
    Act.PERSON_REACTIVATE: ("yyyy", "NNNN", "NNNN"),
    Act.PASSWORD_CHANGE: ("yyyy", "yyyy", "yyyy"),
    Act.PASSWORD_RESET: ("yyyy", "yyyy", "yyyy"),
    Act.SESSION_END: ("yyyy", "yyyy", "yyyy"),
    Act.TEAM_READ: ("yyyy", "yyyy", "yyNN"),
    Act.TEAM_FORM: ("yyyy", "NNNN", "NNNN"),
    Act.TEAM_RENAME: ("yyyy", "NNNN", "NNNN"),
    Act.MEMBERSHIP_ADD: ("yyyy", "NNNN", "NNNN"),
    Act.MEMBERSHIP_REMOVE: ("yyyy", "NNNN", "NNNN"),
    Act.GUARDRAIL_CHANGE: ("yyyy", "NNNN", "NNNN"),
    Act.GUARDRAIL_CONFIRM: ("yyyy", "NNNN", "NNNN"),
    Act.STOP_BEGIN: ("yyyy", "NNNN", "yyNN"),
    Act.STOP_UNDO: ("yyyy", "NNNN", "yyNN"),
    Act.ACCOUNT_READ: ("yyyy", "yyyy", "NNNN"),
    Act.SWEEP_READ: ("yyyy", "yyyy", "NNNN"),
    Act.CREDENTIAL_ROTATE: ("yyyy", "NNNN", "yyNN"),
    Act.CREDENTIAL_SWITCH: ("yyyy", "NNNN", "yyNN"),
    Act.CREDENTIAL_RETIRE: ("yyyy", "NNNN", "yyNN"),
    Act.CREDENTIAL_REACTIVATE: ("yyyy", "NNNN", "yyNN"),
    Act.CREDENTIAL_EXTEND: ("yyyy", "NNNN", "yyNN"),
    Act.CREDENTIAL_EXPIRE: ("NNNN", "NNNN", "NNNN"),
    Act.CREDENTIAL_REMIND: ("NNNN", "NNNN", "NNNN"),
    Act.KEY_DELETE: ("NNNN", "NNNN", "NNNN"),
    Act.REQUEST_READ: ("yyyy", "yyyy", "yyNN"),
    Act.REQUEST_ASK: ("yyyy", "NNNN", "yyNN"),
    Act.REQUEST_APPROVE: ("yyyy", "NNNN", "NNNN"),
    Act.REQUEST_DECLINE: ("yyyy", "NNNN", "NNNN"),
    Act.REQUEST_WITHDRAW: ("yNNy", "NNNN", "yNNN"),
    Act.REQUEST_LAPSE: ("NNNN", "NNNN", "NNNN"),
    Act.ACCOUNT_ADD: ("yyyy", "NNNN", "NNNN"),
    Act.ACCOUNT_CHANGE: ("yyyy", "NNNN", "NNNN"),
    Act.ACCOUNT_RETIRE: ("yyyy", "NNNN", "NNNN"),
    Act.NOTICE_READ: ("yyyy", "yyyy", "NNNN"),
    Act.NOTICE_TEST: ("yyyy", "NNNN", "NNNN"),
    Act.NOTICE_DELIVER: ("NNNN", "NNNN", "NNNN"),
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


ONES_OWN = {Act.PASSWORD_CHANGE, Act.PASSWORD_RESET, Act.SESSION_END}  # everybody's, about themselves


@pytest.mark.parametrize("act", [act for act in Act if act not in {*ONES_OWN, Act.PERSON_JOIN}])
def test_a_guest_may_do_nothing_but_join_and_look_after_their_own_sign_in(act):
    assert not any(reaches(GUEST, act, target) for target in (NOWHERE, MINE, TEAMMATES, STRANGERS))


def test_an_auditor_only_reads():
    assert {act for act in Act if reaches(AUDITOR, act)} - ONES_OWN == {
        Act.CREDENTIAL_READ,
        Act.HISTORY_READ,
        Act.PERSON_READ,
        Act.TEAM_READ,
        Act.ACCOUNT_READ,
        Act.SWEEP_READ,
        Act.REQUEST_READ,
        Act.NOTICE_READ,
    }


@pytest.mark.parametrize("act", sorted(NEEDS_FRESH_SIGN_IN))
def test_what_weighs_needs_a_fresh_sign_in(act):
    assert THE_TABLE[act][Role.ADMINISTRATOR] is not Reach.NOTHING
    demand(replace(ADMIN, is_fresh=True), act)
    with pytest.raises(Refusal) as caught:
        demand(replace(ADMIN, is_fresh=False), act)
    assert (caught.value.why, caught.value.status) == (Reason.NOT_FRESH, 403)
    assert "the last 10 minutes" in caught.value.reason


def test_what_makes_mail_flow_weighs_and_what_stops_it_does_not():
    assert {Act.CREDENTIAL_RESUME, Act.CREDENTIAL_READDRESS, Act.TEAM_FORM} <= NEEDS_FRESH_SIGN_IN
    assert Act.CREDENTIAL_SUSPEND not in NEEDS_FRESH_SIGN_IN


def test_who_may_not_is_told_so_before_being_asked_for_a_password():
    with pytest.raises(Refusal) as caught:
        demand(replace(AUDITOR, is_fresh=False), Act.CREDENTIAL_REVOKE)
    assert caught.value.why is Reason.NOT_PERMITTED


def test_a_sweep_gives_no_password():
    demand(SWEEP, Act.CREDENTIAL_REVOKE)


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
