"""What time it is, as an argument: an act asks again after each wait for AWS."""

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

Clock = Callable[[], datetime]
real_time: Clock = timezone.now
MOMENT = "%-d %b %Y, %H:%M UTC"  # as sentences and mail name a time
