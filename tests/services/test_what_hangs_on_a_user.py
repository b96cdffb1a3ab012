"""What somebody hung on an IAM user of ours in AWS: a revocation takes it away, or says exactly what is in the way."""

from functools import partial

import pytest

from provisioning.domain.lifecycle import State
from provisioning.models import Credential
from tests.rights import hold, without
from tests.services.acts import expire, faulted, in_a_minute, issue, revoke
from tests.services.truth import NOTHING, recover_all
from tests.web.visits import signed_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.bad_day("with something hung on the user")]
SOME_CODES = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}


def access_key(root, name):
    root.create_access_key(UserName=name)


def login_profile(root, name):
    root.create_login_profile(UserName=name, Password="Long-enough-1234")


def mfa_device(root, name):
    device = root.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    root.enable_mfa_device(UserName=name, SerialNumber=device["SerialNumber"], **SOME_CODES)


def inline_policy(root, name):
    root.put_user_policy(UserName=name, PolicyName="extra", PolicyDocument=NOTHING)


def attached_policy(root, name):
    made = root.create_policy(PolicyName="theirs", PolicyDocument=NOTHING)["Policy"]
    root.attach_user_policy(UserName=name, PolicyArn=made["Arn"])


def everything(root, name):
    for hang in TAKEN_AWAY:
        hang(root, name)


TAKEN_AWAY = (access_key, login_profile, mfa_device, inline_policy, attached_policy)


@pytest.mark.parametrize("hang", [*TAKEN_AWAY, everything])
def test_what_we_may_take_away_does_not_block(world, truth, hang):
    truth.stranger()
    credential = issue(world.reviewed())
    hang(truth.root, credential.user_name)
    revoke(credential)
    assert Credential.objects.get().state == State.REVOKED
    assert truth.agrees()


@pytest.mark.parametrize(
    ("hang", "named"),
    [
        (access_key, "the access key AKIA"),
        (login_profile, "a password for the console"),
        (mfa_device, "the MFA device arn:aws:iam::123456789012:mfa/"),
        (inline_policy, "the inline policy extra"),
        (attached_policy, "the attachment of arn:aws:iam::123456789012:policy/theirs"),
    ],
)
def test_what_went_with_it_though_nobody_here_had_made_it_stands_in_its_story(world, truth, hang, named):
    credential = issue(world.reviewed())
    hang(truth.root, credential.user_name)
    revoke(credential)
    assert f"and with it {named}" in text(signed_in(world, "auditor").get(f"/credentials/{credential.pk}/"))


def test_of_what_was_as_it_was_made_the_story_names_nothing_else(world, truth):
    credential = issue(world.reviewed())
    revoke(credential)
    assert "and with it" not in text(signed_in(world, "auditor").get(f"/credentials/{credential.pk}/"))


def test_nor_does_it_block_the_undoing_of_an_issue(world, truth, aws_account, hurry):
    request = world.reviewed()
    aws_account.faults.set("CreateAccessKey", "lose_reply")
    with faulted():
        issue(request)
    aws_account.faults.clear()
    everything(truth.root, request.user_name)
    recover_all()
    assert Credential.objects.get().state == State.FAILED
    assert truth.agrees()


def group(root, name):
    root.create_group(GroupName="somebody-s")
    root.add_user_to_group(GroupName="somebody-s", UserName=name)
    return partial(root.remove_user_from_group, GroupName="somebody-s", UserName=name)


def ssh_public_key(root, name):
    made = root.upload_ssh_public_key(UserName=name, SSHPublicKeyBody="ssh-ed25519 " + "A" * 68)["SSHPublicKey"]
    return partial(root.delete_ssh_public_key, UserName=name, SSHPublicKeyId=made["SSHPublicKeyId"])


BLOCKING = {group: ("GroupName", "Take it out there."), ssh_public_key: ("SSHPublicKeyId", "Remove it in AWS.")}


@pytest.mark.parametrize(("hang", "name", "way_on"), [(hang, *said) for hang, said in BLOCKING.items()])
def test_what_we_may_not_take_away_is_named_while_nothing_is_sent_any_more(world, truth, hang, name, way_on):
    credential = issue(world.reviewed())
    take_away = hang(truth.root, credential.user_name)
    response = signed_in(world, "member").post(f"/credentials/{credential.pk}/revocation/")
    page = text(response)
    assert response.status_code == 502
    assert "DeleteConflict" in page
    assert take_away.keywords[name] in page
    assert way_on in page
    assert "nobody can use it any more" in page
    assert "Try again in a minute" not in page, "that would change nothing"
    assert truth.users()[credential.user_name].keys == []
    later = text(signed_in(world, "member").get(f"/credentials/{credential.pk}/"))
    assert "It is not wholly deleted" in later
    assert take_away.keywords[name] in later
    with faulted():  # as often as it is pressed
        revoke(credential)
    take_away()
    revoke(credential)
    assert Credential.objects.get().state == State.REVOKED
    assert truth.agrees()


def test_a_dashboard_with_the_rights_of_an_earlier_release_says_what_it_may_be(world, truth):
    hold(truth.root, without("LookAfterOwnUsers", "iam:ListSSHPublicKeys"))
    credential = issue(world.reviewed())
    ssh_public_key(truth.root, credential.user_name)
    with faulted() as caught:
        revoke(credential)
    assert "a signing certificate, an SSH public key or a credential for another service" in caught.value.words
    assert "Then revoke again." in caught.value.words


@pytest.mark.parametrize("hang", BLOCKING)
def test_a_worker_that_is_blocked_leaves_it_to_a_person(world, truth, hang):
    credential = issue(world.reviewed())
    take_away = hang(truth.root, credential.user_name)
    expire(in_a_minute(17))
    assert Credential.objects.get().state == State.REVOKING
    assert truth.users()[credential.user_name].keys == []
    take_away()
    revoke(credential)
    assert Credential.objects.get().state == State.REVOKED
    assert truth.agrees()
