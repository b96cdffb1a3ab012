"""Keys: two a user, their status and their delay decide on both doors, HTTP and SMTP."""

from provisioning.domain.smtp_password import derive

from .conftest import code_of, sending


def test_a_third_key_is_refused(root, make_user):
    make_user("one")
    root.create_access_key(UserName="one")
    assert code_of(lambda: root.create_access_key(UserName="one")) == "LimitExceeded"


def test_an_inactive_key_counts_towards_the_two(root, make_user):
    key = make_user("one")
    root.update_access_key(UserName="one", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    root.create_access_key(UserName="one")
    assert code_of(lambda: root.create_access_key(UserName="one")) == "LimitExceeded"


def test_an_inactive_key_works_nowhere_until_it_is_active_again(root, make_user, as_user, post):
    key = make_user("one", sending())
    sts = as_user("sts", key)
    root.update_access_key(UserName="one", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert code_of(sts.get_caller_identity) == "InvalidClientTokenId"
    assert post.login_code(key)[0] == 535
    root.update_access_key(UserName="one", AccessKeyId=key["AccessKeyId"], Status="Active")
    assert sts.get_caller_identity()["Arn"].endswith("/one")
    assert post.login_code(key)[0] == 235


def test_a_deleted_key_works_nowhere(root, make_user, as_user, post):
    key = make_user("one", sending())
    root.delete_access_key(UserName="one", AccessKeyId=key["AccessKeyId"])
    assert code_of(as_user("sts", key).get_caller_identity) == "InvalidClientTokenId"
    assert post.login_code(key)[0] == 535


def test_only_the_states_of_aws_can_be_set(sandbox, root, make_user):
    key = make_user("one")
    for status in ("Expired", "active", "Paused"):
        wrong = {"UserName": "one", "AccessKeyId": key["AccessKeyId"], "Status": status}
        assert code_of(lambda wrong=wrong: root.update_access_key(**wrong)) == "ValidationError"


def test_a_new_key_fails_until_its_delay_is_over(sandbox, make_user, as_user, post):
    sandbox.settings.key_delay = 3600
    key = make_user("one", sending())
    assert code_of(as_user("sts", key).get_caller_identity) == "InvalidClientTokenId"
    assert post.login_code(key)[0] == 535
    sandbox.settings.key_delay = 0
    assert as_user("sts", key).get_caller_identity()["Account"] == "123456789012"
    assert post.login_code(key)[0] == 235


def test_the_secret_has_40_characters_and_gives_a_password(make_user):
    key = make_user("one")
    assert len(key["SecretAccessKey"]) == 40
    assert len(derive(key["SecretAccessKey"], "eu-central-1")) == 44


def test_a_key_of_somebody_else_is_no_entity(root, make_user):
    key = make_user("one")
    make_user("two")
    wrong = {"UserName": "two", "AccessKeyId": key["AccessKeyId"]}
    assert code_of(lambda: root.delete_access_key(**wrong)) == "NoSuchEntity"
    assert code_of(lambda: root.update_access_key(**wrong, Status="Inactive")) == "NoSuchEntity"
