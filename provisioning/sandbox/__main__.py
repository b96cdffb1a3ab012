"""`python -m provisioning.sandbox`: run the sandbox until SIGTERM or SIGINT."""

import logging
import os
import signal
import sys
import threading

# moto and botocore look into these; a pretend AWS must not know the person's.
for _name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_"))]:
    del os.environ[_name]

from .server import REGIONS, Sandbox  # noqa: E402 (after the environment is clean)


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns about its own attributes
    sandbox = _from_environment()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        sandbox.start()
    except OSError as error:
        print(f"The sandbox cannot start: {error}", file=sys.stderr)  # noqa: T201 (a program for the terminal)
        return 1
    print(f"Sandbox: {sandbox.aws_url}, SMTP {sandbox.smtp_endpoints}", flush=True)  # noqa: T201
    ended.wait()
    sandbox.stop()
    return 0


def _from_environment() -> Sandbox:
    env = os.environ
    regions = tuple(name.strip() for name in env.get("SANDBOX_REGIONS", ",".join(REGIONS)).split(",") if name.strip())
    return Sandbox(
        env.get("VAR_DIR", "var/"),
        aws_port=int(env.get("SANDBOX_AWS_PORT", "5055")),
        smtp_port=int(env.get("SANDBOX_SMTP_PORT", "2587")),
        smtps_port=int(env.get("SANDBOX_SMTPS_PORT", "2465")),
        regions=regions,
        key_delay=float(env.get("SANDBOX_KEY_DELAY", "0")),
        user_delay=float(env.get("SANDBOX_USER_DELAY", "0")),
        snapshot=True,
    )


if __name__ == "__main__":
    sys.exit(main())
