"""Where a refused person can go on, where a page knows better than the general answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from provisioning.domain.refusals import NextStep, Refusal


@contextmanager
def ways_on(*steps: NextStep) -> Iterator[None]:
    """Give `steps` to a refusal that leaves the block and has none of its own."""
    try:
        yield
    except Refusal as refusal:
        refusal.next_steps = refusal.next_steps or steps
        raise
