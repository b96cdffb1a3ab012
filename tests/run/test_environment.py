"""The environment that `make run` composes, and what it says about one that cannot be."""

import os
import stat

import pytest
from environ import Env

from sescreds import run_environment
from sescreds.run_environment import Trouble, adopt, compose, ports_of, without_foreign


def test_the_ports_of_a_region_follow_those_of_the_one_before_by_ten():
    ports = ports_of({})
    assert [port for port, _ in ports.named()] == [8000, 5055, 2587, 2465, 2597, 2475]
    assert ports.smtp_endpoints == (
        "eu-central-1=localhost:2587/starttls,eu-central-1=localhost:2465/tls,"
        "us-east-1=localhost:2597/starttls,us-east-1=localhost:2475/tls"
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"PORT": "web"}, "PORT leads to web, which is no port. Set it to a number from 1 to 65535."),
        ({"PORT": "0"}, "PORT leads to 0, which is no port. Set it to a number from 1 to 65535."),
        ({"SANDBOX_SMTP_PORT": "65530"}, "SANDBOX_SMTP_PORT leads to 65540"),
        ({"PORT": "5055"}, "Port 5055 is asked for twice: by PORT and by SANDBOX_AWS_PORT."),
        ({"SANDBOX_SMTPS_PORT": "2577"}, "Port 2587 is asked for twice: by SANDBOX_SMTP_PORT and by SANDBOX_SMTPS"),
        ({"SANDBOX_REGIONS": "eu-central-1,mars-1"}, "SANDBOX_REGIONS names 'mars-1'."),
        ({"SANDBOX_REGIONS": "us-east-1,us-east-1"}, "SANDBOX_REGIONS names 'us-east-1,us-east-1'."),
        ({"SANDBOX_REGIONS": " , "}, "SANDBOX_REGIONS names ' , '."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_a_sentence(given, said):
    with pytest.raises(Trouble) as trouble:
        ports_of(given)
    assert str(trouble.value).startswith(said)


def test_what_is_the_persons_stays_with_the_person():
    shell = {
        "PATH": "/bin",
        "AWS_PROFILE": "payroll",
        "MOTO_PORT": "1",
        "https_proxy": "x",
        "GUNICORN_CMD_ARGS": "-w 9",
    }
    assert without_foreign(shell) == {"PATH": "/bin"}


def test_the_composed_environment_points_at_the_sandbox_and_keeps_one_secret_key(tmp_path):
    shell = {"VAR_DIR": str(tmp_path), "PORT": "8123", "ALLOWED_HOSTS": "desk.example"}
    composed = compose(shell, ports_of(shell))
    assert composed["AWS_ENDPOINT_URL"] == "http://127.0.0.1:5055"
    assert composed["AWS_BOUNDARY_ARN"] == "arn:aws:iam::123456789012:policy/sescreds-boundary"
    assert composed["SES_SMTP_CA_FILE"] == str(tmp_path / "sandbox-ca.pem")
    assert composed["SANDBOX_KEY_DELAY"] == "3"
    assert composed["ALLOWED_HOSTS"] == "desk.example,127.0.0.1,localhost"
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600
    assert compose(shell, ports_of(shell))["SECRET_KEY"] == composed["SECRET_KEY"]
    assert compose(shell | {"SECRET_KEY": "own"}, ports_of(shell))["SECRET_KEY"] == "own"


def test_mail_goes_into_files_unless_the_person_names_a_server(tmp_path):
    shell = {"VAR_DIR": str(tmp_path / "a folder+1")}
    (tmp_path / "a folder+1").mkdir()
    read = Env.email_url_config(compose(shell, ports_of(shell))["EMAIL_URL"])
    assert read["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend"
    assert read["EMAIL_FILE_PATH"] == str(tmp_path / "a folder+1" / "mail")
    own = shell | {"EMAIL_URL": "smtp://mail.example.com"}
    assert compose(own, ports_of(own))["EMAIL_URL"] == "smtp://mail.example.com"


class TestWhatManagePyTakesOver:
    @pytest.fixture(autouse=True)
    def left_behind(self, tmp_path, monkeypatch):
        composed = {"VAR_DIR": str(tmp_path), "SECRET_KEY": "left", "PORT": "8123", "AWS_ACCESS_KEY_ID": "AKIASANDBOX"}
        run_environment.write(composed)
        for name in ("SECRET_KEY", "SECRET_KEY_FILE", "PORT"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("VAR_DIR", str(tmp_path))
        monkeypatch.setenv("AWS_PROFILE", "payroll")
        # Whatever the test adds is taken back.
        monkeypatch.setattr(os, "environ", os.environ.copy())

    def test_the_environment_of_the_last_run(self, tmp_path):
        adopt()
        assert os.environ["SECRET_KEY"] == "left"
        assert os.environ["AWS_ACCESS_KEY_ID"] == "AKIASANDBOX"
        assert "AWS_PROFILE" not in os.environ
        assert stat.S_IMODE((tmp_path / "run.env").stat().st_mode) == 0o600

    def test_what_the_shell_sets_wins(self):
        os.environ["PORT"] = "9000"
        adopt()
        assert os.environ["PORT"] == "9000"

    def test_nothing_where_the_environment_has_a_secret_key(self):
        os.environ["SECRET_KEY"] = "production"
        adopt()
        assert "PORT" not in os.environ
        assert os.environ["AWS_PROFILE"] == "payroll"

    def test_a_sentence_where_there_is_neither(self, tmp_path):
        (tmp_path / "run.env").unlink()
        with pytest.raises(Trouble, match="SECRET_KEY is not set"):
            adopt()
