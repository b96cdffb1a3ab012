"""What the worker does every minute; huey calls it, whatever the number of workers."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from provisioning import request_id
from provisioning.gateway.aws import aws
from provisioning.services import sweeps


@db_periodic_task(crontab())  # type: ignore[untyped-decorator]
def sweep_what_is_due() -> None:
    """Run the sweeps of this minute. No arguments, no result: the queue never holds anything worth reading."""
    request_id.begin()
    sweeps.run_due(aws())
