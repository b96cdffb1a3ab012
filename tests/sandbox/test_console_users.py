"""Console users: what only a user's own name may do, MFA devices, aliases, and who may give passwords to whom."""

import pytest

from .conftest import PATH, allow, code_of, policy

ACCOUNT = "arn:aws:iam::123456789012"
CONSOLE_BOUNDARY = f"{ACCOUNT}:policy/sescreds-console-boundary"
SELF = "${aws:username}"
CODES = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}


def test_the_users_own_name_stands_in_a_resource(root, make_user, as_user):
    client = as_user("iam", make_user("anna", policy(allow("iam:GetUser", f"{ACCOUNT}:user/*/{SELF}"))))
    make_user("ben")
    assert client.get_user()["User"]["UserName"] == "anna"
    assert code_of(lambda: client.get_user(UserName="ben")) == "AccessDenied"


def test_the_variable_is_no_wildcard_and_no_text(root, make_user, as_user):
    client = as_user("iam", make_user("anna", policy(allow("iam:GetUser", f"{ACCOUNT}:user/{SELF}"))))
    assert code_of(client.get_user) == "AccessDenied", "its path is not in the pattern"


def test_another_variable_is_refused_by_name(root, make_user):
    root.create_user(UserName="x")
    document = policy(allow("iam:GetUser", f"{ACCOUNT}:user/${{aws:userid}}"))
    given = {"UserName": "x", "PolicyName": "p", "PolicyDocument": document}
    assert code_of(lambda: root.put_user_policy(**given)) == "SandboxCannotAnswer"


def test_the_simulator_is_told_the_name(root, make_user):
    make_user("anna", policy(allow("iam:ChangePassword", f"{ACCOUNT}:user/*/{SELF}")))
    arn = f"{ACCOUNT}:user{PATH}anna"

    def verdict(*entries):
        asked = {"PolicySourceArn": arn, "ActionNames": ["iam:ChangePassword"], "ResourceArns": [arn]}
        return root.simulate_principal_policy(**asked, ContextEntries=list(entries))["EvaluationResults"][0]

    name = {"ContextKeyName": "aws:username", "ContextKeyType": "string", "ContextKeyValues": ["anna"]}
    assert verdict(name)["EvalDecision"] == "allowed"
    assert verdict()["EvalDecision"] == "implicitDeny"


def test_changing_the_password_is_a_right_on_oneself(root, make_user, as_user):
    client = as_user("iam", make_user("anna", policy(allow("iam:ChangePassword", f"{ACCOUNT}:user/*/{SELF}"))))
    root.create_login_profile(UserName="anna", Password="Good-enough-1", PasswordResetRequired=True)
    client.change_password(OldPassword="Good-enough-1", NewPassword="Good-enough-2")
    client = as_user("iam", make_user("ben", policy(allow("iam:ChangePassword", f"{ACCOUNT}:user{PATH}anna"))))
    root.create_login_profile(UserName="ben", Password="Good-enough-1")
    change = {"OldPassword": "Good-enough-1", "NewPassword": "Good-enough-2"}
    assert code_of(lambda: client.change_password(**change)) == "AccessDenied"


def test_a_device_in_use_can_be_deleted_neither_itself_nor_with_its_user(root):
    root.create_user(UserName="anna")
    serial = root.create_virtual_mfa_device(VirtualMFADeviceName="anna")["VirtualMFADevice"]["SerialNumber"]
    assert serial == f"{ACCOUNT}:mfa/anna"
    root.enable_mfa_device(UserName="anna", SerialNumber=serial, **CODES)
    assert [each["SerialNumber"] for each in root.list_mfa_devices(UserName="anna")["MFADevices"]] == [serial]
    assert code_of(lambda: root.delete_virtual_mfa_device(SerialNumber=serial)) == "DeleteConflict"
    assert code_of(lambda: root.delete_user(UserName="anna")) == "DeleteConflict"
    root.deactivate_mfa_device(UserName="anna", SerialNumber=serial)
    root.delete_virtual_mfa_device(SerialNumber=serial)
    assert code_of(lambda: root.delete_virtual_mfa_device(SerialNumber=serial)) == "NoSuchEntity"
    root.delete_user(UserName="anna")


def test_a_user_makes_a_device_of_the_name_that_its_policy_says(make_user, as_user):
    client = as_user("iam", make_user("anna", policy(allow("iam:CreateVirtualMFADevice", f"{ACCOUNT}:mfa/{SELF}"))))
    assert code_of(lambda: client.create_virtual_mfa_device(VirtualMFADeviceName="phone")) == "AccessDenied"
    client.create_virtual_mfa_device(VirtualMFADeviceName="anna")


def test_the_dashboard_gives_passwords_under_its_path_alone(root, iam):
    for name, path in (("ses-anna", PATH), ("ses-ben", "/")):
        root.create_user(UserName=name, Path=path, PermissionsBoundary=CONSOLE_BOUNDARY)
    given = {"Password": "Good-enough-1", "PasswordResetRequired": True}
    iam.create_login_profile(UserName="ses-anna", **given)
    assert code_of(lambda: iam.create_login_profile(UserName="ses-ben", **given)) == "AccessDenied"
    assert code_of(lambda: iam.update_login_profile(UserName="ses-anna", Password="Another-1x")) == "AccessDenied"
    iam.delete_login_profile(UserName="ses-anna")


def test_the_dashboard_deletes_devices_of_its_users_names_alone(root, iam):
    devices = [
        root.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        for name in ("ses-anna", "root-device")
    ]
    iam.delete_virtual_mfa_device(SerialNumber=devices[0])
    assert code_of(lambda: iam.delete_virtual_mfa_device(SerialNumber=devices[1])) == "AccessDenied"


@pytest.mark.parametrize("boundary", ["sescreds-boundary", "sescreds-console-boundary"])
def test_the_dashboard_makes_users_within_either_boundary(iam, boundary):
    iam.create_user(UserName="ses-anna", Path=PATH, PermissionsBoundary=f"{ACCOUNT}:policy/{boundary}")
    iam.put_user_policy(UserName="ses-anna", PolicyName="p", PolicyDocument=policy(allow("ses:GetAccount")))


def test_the_console_boundary_keeps_a_user_from_everything_but_ses_and_itself(root, make_user, as_user):
    key = make_user("anna", policy(allow("*")), PermissionsBoundary=CONSOLE_BOUNDARY)
    client = as_user("iam", key)
    client.get_user()
    client.list_mfa_devices()
    as_user("sesv2", key).list_email_identities()
    assert code_of(client.list_users) == "AccessDenied"
    assert code_of(client.create_access_key) == "AccessDenied"


def test_the_account_has_one_alias(root, iam):
    assert iam.list_account_aliases()["AccountAliases"] == []
    root.create_account_alias(AccountAlias="example-mail")
    assert iam.list_account_aliases()["AccountAliases"] == ["example-mail"]
    assert code_of(lambda: iam.create_account_alias(AccountAlias="another")) == "AccessDenied"
