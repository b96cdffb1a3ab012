"""What the worker does every minute, and what a page leaves to it; huey calls it, whatever the number of workers."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from provisioning import request_id
from provisioning.gateway.aws import aws
from provisioning.services import passwords, sweeps


@db_periodic_task(crontab())  # type: ignore[untyped-decorator]
def sweep_what_is_due() -> None:
    """Run the sweeps of this minute. No arguments, no result: the queue never holds anything worth reading."""
    request_id.begin()
    sweeps.run_due(aws())


@db_task()  # type: ignore[untyped-decorator]
def mail_reset_link(email: str) -> None:
    """Mail the link that resets a password. The queue holds an address, known here or not, and never the link."""
    passwords.mail_reset_link(email)
