"""What time it is, as an argument: an act asks again after each wait for AWS."""

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

Clock = Callable[[], datetime]
real_time: Clock = timezone.now
