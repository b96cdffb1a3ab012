"""What came of trying a credential, whichever way it signs in."""

from dataclasses import dataclass
from enum import StrEnum

SIMULATOR = "success@simulator.amazonses.com"


class Answer(StrEnum):
    """What came of trying."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Attempt:
    """One try: what came of it, the server's status (0: none) and words, the conversation with secrets masked.

    `aws_code` and `aws_request_id` are those of the API, which SMTP has not.
    """

    answer: Answer
    code: int
    words: str
    conversation: tuple[str, ...] = ()
    aws_code: str = ""
    aws_request_id: str = ""
