"""The program: its files, its ports, its end, and what a second start finds."""

import json
import os
import pickle
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from provisioning.sandbox import snapshot
from provisioning.sandbox.server import Sandbox
from provisioning.sandbox.world import KeyPair, World
from tests.ports import free_ports

ROOT = Path(__file__).parents[2]


class Program:
    def __init__(self, var_dir, **environment):
        self.var_dir = var_dir
        aws, smtp, smtps = free_ports(3)
        self.ports = {"SANDBOX_AWS_PORT": aws, "SANDBOX_SMTP_PORT": smtp, "SANDBOX_SMTPS_PORT": smtps}
        self.environment = {**{name: str(port) for name, port in self.ports.items()}, **environment}
        self.url = f"http://127.0.0.1:{aws}"

    def __enter__(self):
        environment = {**os.environ, "VAR_DIR": str(self.var_dir), "AWS_PROFILE": "a-person", **self.environment}
        command = [sys.executable, "-m", "provisioning.sandbox"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/sandbox/healthz", timeout=1):
                    return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError(self.end(signal.SIGKILL))

    def end(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=10)
        return output

    def __exit__(self, *_):
        self.end(signal.SIGKILL)

    def iam(self, name="root"):
        keys = json.loads((self.var_dir / f"sandbox-{name}.json").read_text())
        return boto3.client(
            "iam",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=keys["access_key_id"],
            aws_secret_access_key=keys["secret_access_key"],
            config=Config(retries={"total_max_attempts": 1}),
        )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_on_a_signal_and_finds_its_state_again(tmp_path, number):
    with Program(tmp_path) as program:
        key = program.iam().create_access_key(UserName="website")["AccessKey"]
        started = time.monotonic()
        output = program.end(number)
        assert program.process.returncode == 0
        assert time.monotonic() - started < 3
        assert "Traceback" not in output
        assert key["SecretAccessKey"] not in output
    with Program(tmp_path) as program:
        found = program.iam().list_access_keys(UserName="website")["AccessKeyMetadata"]
        assert key["AccessKeyId"] in {each["AccessKeyId"] for each in found}
        keys = KeyPair(key["AccessKeyId"], key["SecretAccessKey"])
        sts = boto3.client(
            "sts",
            endpoint_url=program.url,
            region_name="us-east-1",
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key,
        )
        assert sts.get_caller_identity()["Arn"].endswith("/website")
        assert program.iam("dashboard").get_policy(PolicyArn="arn:aws:iam::123456789012:policy/sescreds-boundary")


def test_a_killed_one_finds_what_it_had_a_moment_before(tmp_path):
    with Program(tmp_path) as program:
        program.iam().create_user(UserName="made")
        time.sleep(1)
        program.end(signal.SIGKILL)
    with Program(tmp_path) as program:
        assert program.iam().get_user(UserName="made")["User"]["UserName"] == "made"


def test_its_files_are_private_and_its_ports_where_they_were_asked_for(tmp_path):
    with Program(tmp_path, SANDBOX_KEY_DELAY="3", SANDBOX_REGIONS="eu-west-1,eu-central-1") as program:
        with urllib.request.urlopen(f"{program.url}/sandbox/faults") as reply:
            assert json.load(reply)["settings"]["key_delay"] == 3.0
        for port in (program.ports["SANDBOX_SMTP_PORT"], program.ports["SANDBOX_SMTP_PORT"] + 10):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                assert connection.recv(100).startswith(b"220 ")
        output = program.end(signal.SIGTERM)
    base = program.ports["SANDBOX_SMTPS_PORT"]
    assert f"eu-west-1=localhost:{base}/tls" in output
    assert f"eu-central-1=localhost:{base + 10}/tls" in output
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {
        "sandbox-root.json": 0o600,
        "sandbox-second-root.json": 0o600,
        "sandbox-dashboard.json": 0o600,
        "sandbox-smtp.pem": 0o600,
        "sandbox-ca.pem": 0o644,
        "sandbox-state.pickle": 0o600,
    }


def test_a_port_that_is_taken_is_said_in_words(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environment = {**os.environ, "VAR_DIR": str(tmp_path), "SANDBOX_AWS_PORT": str(port)}
        smtp, smtps = free_ports(2)
        environment |= {"SANDBOX_SMTP_PORT": str(smtp), "SANDBOX_SMTPS_PORT": str(smtps)}
        command = [sys.executable, "-m", "provisioning.sandbox"]
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, text=True, capture_output=True, timeout=30, check=False
        )
    assert ended.returncode == 1
    assert "cannot start" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_it_knows_no_django(tmp_path):
    code = "import sys, provisioning.sandbox.server; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=30, check=False).returncode == 0


@pytest.fixture
def world(sandbox):
    return sandbox.world


def test_a_snapshot_keeps_ids_secrets_dates_boundaries_and_tags(world, root, tmp_path):
    boundary = "arn:aws:iam::123456789012:policy/sescreds-boundary"
    root.create_user(UserName="x", PermissionsBoundary=boundary, Tags=[{"Key": "a", "Value": "1"}])
    root.create_access_key(UserName="x")
    before = root.get_user(UserName="x")["User"]
    keys = root.list_access_keys(UserName="x")["AccessKeyMetadata"]
    snapshot.save(world, tmp_path / "state")
    world.iam.reset()
    assert snapshot.load(world, tmp_path / "state")
    assert root.get_user(UserName="x")["User"] == before
    assert root.list_access_keys(UserName="x")["AccessKeyMetadata"] == keys
    assert root.get_account_summary()["SummaryMap"]["Users"] == 5


@pytest.mark.parametrize("change", [{"moto": "1.0"}, {"format": 0}, {"ses": {}}])
def test_a_snapshot_of_another_kind_is_not_taken(world, tmp_path, change, caplog):
    path = tmp_path / "state"
    snapshot.save(world, path)
    state = {**pickle.loads(path.read_bytes()), **change}
    path.write_bytes(pickle.dumps(state))
    assert not snapshot.load(world, path)
    assert "fresh account" in caplog.text


def test_a_damaged_or_open_snapshot_is_not_taken(world, tmp_path):
    path = tmp_path / "state"
    snapshot.save(world, path)
    path.chmod(0o644)
    assert not snapshot.load(world, path)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-10])
    assert not snapshot.load(world, path)
    assert not snapshot.load(world, tmp_path / "none")


def test_the_certificate_lasts_over_a_restart_and_is_renewed_when_it_is_broken(tmp_path, running):
    from provisioning.sandbox.certificates import server_context

    server_context(tmp_path)
    first = (tmp_path / "sandbox-ca.pem").read_bytes()
    server_context(tmp_path)
    assert (tmp_path / "sandbox-ca.pem").read_bytes() == first
    (tmp_path / "sandbox-smtp.pem").write_text("broken")
    server_context(tmp_path)
    assert (tmp_path / "sandbox-ca.pem").read_bytes() != first


def test_secrets_do_not_show_in_representations(sandbox: Sandbox):
    world: World = sandbox.world
    assert world.root.secret_access_key not in repr(world.root)
