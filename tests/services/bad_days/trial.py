"""What one entry of the registry says of its act."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from provisioning.domain.roles import Act
from provisioning.gateway.aws import aws
from provisioning.models import Credential
from provisioning.services.clock import real_time
from provisioning.services.recovery import AMENDMENTS
from tests.builders import World
from tests.services.bad_days.buttons import Button
from tests.services.bad_days.pressing import credential


@dataclass(frozen=True)
class Trial:
    """One act. What it is about is named by the id of a review, which every credential has before it is one."""

    name: str
    act: Act  # as the claim and the history call it
    before: Callable[[World], UUID]
    press: Callable[..., object]  # the same in this process and in one that is killed
    calls: tuple[str, ...]
    done: Callable[[Credential], bool]
    tidies: tuple[str, ...] = ()  # those that delete what should not be there: AWS answers that it is not
    asks: tuple[str, ...] = ()  # those of the calls that only ask, before anything is begun
    recovered: Callable[[Credential], bool] | None = None  # what recovery makes of a cut act; None: it finishes it
    makes_user: bool = False  # whether the IAM user comes with it; pressed again, it does not try again
    is_answered: bool = True  # whether somebody waits for AWS's answer to this very act
    ahead: timedelta = timedelta()  # how far the clock is when it begins
    button: Callable[[World, UUID], Button] | None = None  # the last step through the pages; None: a worker's act

    @property
    def each_call(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.calls))

    @property
    def answers(self) -> list[tuple[str, int]]:
        """Each call with the status of AWS's answer, where nothing is in the way."""
        return [(call, 404 if call in self.tidies else 200) for call in self.calls]

    def closes_at(self, call: str) -> bool:
        """Whether AWS's no at this call ends it: an amendment of which something is done is finished by recovery."""
        harmless = {*self.tidies, *(each for each in self.calls if each.startswith("Get"))}
        writes = [each for each in self.calls if each not in harmless]
        return self.act not in AMENDMENTS or call in harmless or call == writes[0]

    def begin(self, about: UUID | str, *, gateway=None, clock=real_time) -> None:
        self.press(UUID(str(about)), gateway=gateway or aws(), clock=lambda: clock() + self.ahead)

    def has_recovered(self, about: UUID) -> bool:
        return (self.recovered or self.done)(credential(about))

    def is_done(self, about: UUID) -> bool:
        return self.done(credential(about))


def among(trials: Iterable[Trial]) -> pytest.MarkDecorator:
    """Run the test once for each of them."""
    return pytest.mark.parametrize("trial", [pytest.param(trial, id=trial.name) for trial in trials])
