"""The SMTP endpoint: who may sign in where, and what it says to each message."""

import base64
import shutil
import smtplib
import socket
import ssl
import subprocess

import pytest

from provisioning.domain.smtp_password import derive

from .conftest import allow, code_of, policy, sending

AUTHOR = "arn:aws:iam::123456789012:user/ses-dashboard/newsletter/x"
IDENTITY = "arn:aws:ses:eu-central-1:123456789012:identity"


@pytest.fixture
def key(make_user):
    return make_user("x", sending())


@pytest.mark.parametrize("mode", ["starttls", "tls"])
@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1"])
def test_sign_in_on_every_port(post, key, region, mode):
    assert post.login_code(key, region, mode) == (235, "")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_both_mechanisms(post, key, mechanism):
    client = post.connect()
    client.ehlo()
    assert set(client.esmtp_features["auth"].split()) == {"LOGIN", "PLAIN"}
    client.user, client.password = key["AccessKeyId"], derive(key["SecretAccessKey"], "eu-central-1")
    method = getattr(client, f"auth_{mechanism.lower()}")
    assert client.auth(mechanism, method)[0] == 235
    client.quit()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda key: (key["AccessKeyId"], derive(key["SecretAccessKey"], "us-east-1")),
        lambda key: (key["AccessKeyId"], key["SecretAccessKey"]),
        lambda key: (key["AccessKeyId"], ""),
        lambda key: (key["AccessKeyId"].lower(), derive(key["SecretAccessKey"], "eu-central-1")),
        lambda key: ("x", derive(key["SecretAccessKey"], "eu-central-1")),
        lambda key: ("AKIAAAAAAAAAAAAAAAAA", derive(key["SecretAccessKey"], "eu-central-1")),
        lambda key: (key["AccessKeyId"], "pässwörd"),
    ],
    ids=["other region", "raw secret", "empty", "case", "user name", "unknown key", "not ascii"],
)
def test_wrong_anything_is_535_and_the_connection_stays(post, key, wrong):
    client = post.connect()
    client.ehlo()
    name, password = wrong(key)
    for _ in range(2):
        client.docmd("AUTH", "LOGIN")
        client.docmd(_base64(name))
        code, words = client.docmd(_base64(password))
        assert (code, words) == (535, b"Authentication Credentials Invalid")
    client.login(key["AccessKeyId"], derive(key["SecretAccessKey"], "eu-central-1"))
    client.quit()


def _base64(text):
    return base64.b64encode(text.encode()).decode()


def test_root_does_not_sign_in(sandbox, post):
    keys = sandbox.root_keys
    root = {"AccessKeyId": keys.access_key_id, "SecretAccessKey": keys.secret_access_key}
    assert post.login_code(root)[0] == 535


def test_nothing_before_tls(sandbox, key):
    port = int(sandbox.smtp_endpoints.split(":")[1].partition("/")[0])
    client = smtplib.SMTP("localhost", port, timeout=5)
    client.ehlo()
    assert "auth" not in client.esmtp_features
    assert client.docmd("AUTH", "LOGIN")[0] in (530, 538)
    assert client.docmd("MAIL", "FROM:<news@example.com>")[0] == 530
    client.quit()


def test_nothing_before_sign_in(post):
    for mode in ("starttls", "tls"):
        client = post.connect(mode=mode)
        client.ehlo()
        assert client.docmd("MAIL", "FROM:<news@example.com>")[0] == 530
        client.quit()


def test_the_certificate_is_verified_and_is_for_localhost(sandbox):
    rows = sandbox.smtp_endpoints.split(",")
    port = int(rows[1].split(":")[1].partition("/")[0])
    with socket.create_connection(("127.0.0.1", port)) as plain, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")
    ours = ssl.create_default_context(cafile=str(sandbox.ca_file))
    ours.verify_flags |= ssl.VERIFY_X509_STRICT
    for name, good in (("localhost", True), ("127.0.0.1", True), ("email-smtp.eu-central-1.amazonaws.com", False)):
        with socket.create_connection(("127.0.0.1", port)) as plain:
            if good:
                ours.wrap_socket(plain, server_hostname=name).close()
            else:
                with pytest.raises(ssl.SSLCertVerificationError):
                    ours.wrap_socket(plain, server_hostname=name)


def test_endpoints_are_listed_as_the_product_reads_them(sandbox):
    rows = [row.partition("=") for row in sandbox.smtp_endpoints.split(",")]
    assert [(region, rest.partition("/")[2]) for region, _, rest in rows] == [
        ("eu-central-1", "starttls"),
        ("eu-central-1", "tls"),
        ("us-east-1", "starttls"),
        ("us-east-1", "tls"),
    ]


def test_an_allowed_message_is_taken(sandbox, post, key):
    code, words = post.send(key)
    assert code == 250
    assert words.startswith("Ok ")
    (message,) = sandbox.mailbox
    assert (message.sender, message.recipients) == ("news@example.com", ("success@simulator.amazonses.com",))
    assert dict(message.headers)["Subject"] == "test"


def test_another_address_is_denied_in_awss_words(post, key):
    code, words = post.send(key, "bill@billing.example.com")
    assert code == 554
    assert words == (
        f"Access denied: User `{AUTHOR}' is not authorized to perform `ses:SendRawEmail' on resource "
        f"`{IDENTITY}/billing.example.com'"
    )


def test_the_from_header_counts_and_not_the_envelope(post, key):
    assert post.send(key, "bill@billing.example.com", envelope="news@example.com")[0] == 554
    assert post.send(key, "news@example.com", envelope="bill@billing.example.com")[0] == 250


def test_every_sender_must_be_verified(post, make_user):
    free = make_user("free", policy(allow("ses:SendRawEmail")))
    words = (
        "Message rejected: Email address is not verified. "
        "The following identities failed the check in region EU-CENTRAL-1: a@other.example"
    )
    assert post.send(free, "a@other.example") == (554, words)
    assert post.send(free, "news@example.com", envelope="a@other.example") == (554, words)
    assert post.send(free, "news@example.com", header="Sender: a@other.example\r\n") == (554, words)
    assert post.send(free, "news@example.com", header="Return-Path: <a@other.example>\r\n") == (554, words)


def test_subdomains_of_a_verified_domain_are_verified(post, make_user):
    free = make_user("free", policy(allow("ses:SendRawEmail")))
    assert post.send(free, "a@deep.example.com")[0] == 250


def test_a_region_in_the_ses_sandbox_needs_verified_recipients(post, make_user):
    free = make_user("free", policy(allow("ses:SendRawEmail")))
    assert post.send(free, to="someone@elsewhere.example")[0] == 554
    assert post.send(free, to="someone@example.com")[0] == 250
    assert post.send(free, to="someone@elsewhere.example", region="us-east-1")[0] == 250


def test_verified_recipients_are_resources_in_the_ses_sandbox(post, make_user):
    narrow = make_user("narrow", policy(allow("ses:SendRawEmail", f"{IDENTITY}/example.com")))
    assert post.send(narrow)[0] == 250
    code, words = post.send(narrow, to="someone@billing.example.com")
    assert code == 554
    assert words.endswith(f"`{IDENTITY}/billing.example.com'")


def test_a_more_specific_identity_is_the_resource(sandbox, post, make_user):
    sandbox.world.ses["eu-central-1"].identities["news@example.com"] = True
    narrow = make_user("narrow", policy(allow("ses:SendRawEmail", f"{IDENTITY}/example.com")))
    assert post.send(narrow, "other@example.com")[0] == 250
    assert post.send(narrow, "news@example.com")[0] == 554


def test_a_password_of_a_region_that_was_not_chosen_signs_in_and_gets_554(post, key):
    assert post.login_code(key, "us-east-1")[0] == 235
    assert post.send(key, region="us-east-1")[0] == 554


def test_configuration_sets(sandbox, post, make_user, key):
    header = "X-SES-CONFIGURATION-SET: events\r\n"
    assert post.send(key, header=header) == (554, "Configuration set <events> does not exist.")
    sandbox.world.ses["eu-central-1"].configuration_sets.add("events")
    assert post.send(key, header=header)[0] == 250
    narrow = make_user("narrow", policy(allow("ses:SendRawEmail", f"{IDENTITY}/*")))
    assert post.send(narrow)[0] == 250
    assert "configuration-set/events" in post.send(narrow, header=header)[1]


def test_recipients_are_a_set_of_values(post, make_user):
    condition = {"ForAllValues:StringLike": {"ses:Recipients": ["*@simulator.amazonses.com"]}}
    narrow = make_user("narrow", policy(allow("ses:SendRawEmail", **condition)))
    assert post.send(narrow)[0] == 250
    assert post.send(narrow, to="someone@example.com")[0] == 554


def test_the_feedback_address_is_the_envelopes(post, make_user):
    condition = {"StringEquals": {"ses:FeedbackAddress": "bounce@example.com"}}
    narrow = make_user("narrow", policy(allow("ses:SendRawEmail", **condition)))
    assert post.send(narrow)[0] == 554
    assert post.send(narrow, envelope="bounce@example.com")[0] == 250


def test_a_policy_ends_by_itself(sandbox, post, make_user):
    end = sandbox.world.clock.now().strftime("%Y-%m-%dT23:59:59Z")
    key = make_user("ends", sending(DateLessThan={"aws:CurrentTime": end}))
    assert post.send(key)[0] == 250
    sandbox.clock_offset = 2 * 86_400
    assert post.login_code(key)[0] == 235
    assert post.send(key)[0] == 554


def test_a_boundary_limits_sending(root, post, make_user):
    limit = root.create_policy(PolicyName="none", PolicyDocument=policy(allow("iam:*")))["Policy"]["Arn"]
    key = make_user("bound", sending(), PermissionsBoundary=limit)
    assert post.send(key)[0] == 554


def test_a_key_that_ends_during_a_session_sends_no_more(root, post, key):
    client = post.login(key)
    root.update_access_key(UserName="x", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    client.mail("news@example.com")
    client.rcpt("success@simulator.amazonses.com")
    assert client.data("From: news@example.com\r\n\r\nhello")[0] == 535
    client.close()


def test_the_daily_quota_of_the_ses_sandbox(sandbox, post, key):
    sandbox.world.ses["eu-central-1"].sent.extend(sandbox.world.clock.now().timestamp() for _ in range(200))
    assert post.send(key)[0] == 250  # the simulator does not count
    assert post.send(key, to="someone@example.com") == (454, "Throttling failure: Daily message quota exceeded.")
    sandbox.clock_offset = 90_000
    assert post.send(key, to="someone@example.com")[0] == 250


def test_faults_reach_smtp_too(sandbox, post, key):
    sandbox.faults.set("SmtpLogin", "error", times=2)  # smtplib tries the second mechanism too
    assert post.login_code(key)[0] == 454
    assert post.login_code(key)[0] == 235
    sandbox.faults.set("SmtpSend", "throttle", times=1)
    assert post.send(key)[0] == 454
    sandbox.faults.set("SmtpSend", "lose_reply", times=1)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        post.send(key)
    assert len(sandbox.mailbox) == 1
    sandbox.faults.set("SmtpLogin", "lose_reply", when="before", times=1)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        post.login(key)
    assert post.send(key)[0] == 250


def test_a_sign_in_can_hang_until_the_client_gives_up(sandbox, post, key):
    sandbox.faults.set("SmtpLogin", "hold")
    client = post.connect()
    client.ehlo()
    client.sock.settimeout(0.3)
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        client.login(key["AccessKeyId"], "x")
    client.close()
    sandbox.faults.clear()
    assert post.login_code(key)[0] == 235


def test_the_api_decides_as_smtp_does(sandbox, as_user, key):
    ses = as_user("ses", key)
    good = {"Source": "news@example.com", "Destinations": ["success@simulator.amazonses.com"]}
    assert ses.send_raw_email(**good, RawMessage={"Data": b"From: news@example.com\r\n\r\nhi"})["MessageId"]
    other = {"Data": b"From: bill@billing.example.com\r\n\r\nhi"}
    assert code_of(lambda: ses.send_raw_email(**good, RawMessage=other)) == "AccessDenied"
    v2 = as_user("sesv2", key)
    raw = {"Content": {"Raw": {"Data": b"From: news@example.com\r\n\r\nhi"}}}
    assert v2.send_email(Destination={"ToAddresses": ["success@simulator.amazonses.com"]}, **raw)["MessageId"]
    simple = {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "b"}}}}
    # Simple content needs ses:SendEmail, which an SMTP credential has not.
    refused = {"FromEmailAddress": "news@example.com", "Content": simple}
    assert code_of(lambda: v2.send_email(Destination={"ToAddresses": []}, **refused)) == "AccessDeniedException"
    assert len(sandbox.mailbox) == 2


@pytest.mark.parametrize("mode", ["starttls", "tls"])
def test_curl_and_swaks_are_served_too(sandbox, post, key, mode, tmp_path):
    """Programs that people have, with the certificate verified; each is left out where it is not installed."""
    rows = [row.partition("=") for row in sandbox.smtp_endpoints.split(",")]
    address = next(rest for region, _, rest in rows if region == "eu-central-1" and rest.endswith(f"/{mode}"))
    host, port = address.partition("/")[0].split(":")
    password = derive(key["SecretAccessKey"], "eu-central-1")
    message = tmp_path / "message"
    message.write_text("From: news@example.com\r\nSubject: x\r\n\r\nhello\r\n")
    scheme = "smtps" if mode == "tls" else "smtp"
    curl = ["curl", "-sS", "--ssl-reqd", "--cacert", str(sandbox.ca_file), "--user", f"{key['AccessKeyId']}:{password}"]
    curl += [f"{scheme}://{host}:{port}", "--mail-from", "news@example.com", "--upload-file", str(message)]
    curl += ["--mail-rcpt", "success@simulator.amazonses.com"]
    swaks = ["swaks", "--server", f"{host}:{port}", "--tlsc" if mode == "tls" else "--tls", "--auth", "LOGIN"]
    swaks += ["--auth-user", key["AccessKeyId"], "--auth-password", password, "--from", "news@example.com"]
    swaks += ["--to", "success@simulator.amazonses.com", "--tls-verify", "--tls-ca-path", str(sandbox.ca_file)]
    for command in (curl, swaks):
        if shutil.which(command[0]):
            done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    assert len(sandbox.mailbox) == sum(shutil.which(name) is not None for name in ("curl", "swaks"))
    assert {mail.sender for mail in sandbox.mailbox} <= {"news@example.com"}


def test_a_password_typed_as_the_user_name_is_not_logged(sandbox, post, key):
    client = post.connect()
    client.ehlo()
    with pytest.raises(smtplib.SMTPAuthenticationError):
        client.login(key["SecretAccessKey"], key["AccessKeyId"])
    client.close()
    assert {entry.key_id for entry in sandbox.world.calls.entries() if entry.operation == "SmtpLogin"} == {"-"}
