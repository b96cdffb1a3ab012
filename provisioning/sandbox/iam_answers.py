"""IAM: moto's answers where they are AWS's, our own where they are not."""

from typing import Any

from botocore import xform_name
from moto.core.exceptions import ServiceException

from .errors import AwsError, cannot_answer
from .iam_keys import Keys
from .iam_passwords import Passwords
from .iam_reading import Reading
from .iam_users import Users
from .principals import Caller
from .wire import Call
from .world import World


class IamAnswers(Users, Keys, Reading, Passwords):
    pass


def answer(world: World, call: Call, caller: Caller) -> tuple[Any, dict[str, Any]]:
    """The result of an authorized IAM call, with moto's ways to write its fields; raises AwsError."""
    answers = IamAnswers(world, call, caller)
    method = getattr(answers, xform_name(call.operation), None)
    if method is None:
        raise cannot_answer(f"{call.operation} is not implemented")
    if "UserName" in call.params and call.operation != "CreateUser":
        answers.user()  # moto knows nothing of users that are too new to be seen
    try:
        result = method()
    except ServiceException as error:
        raise AwsError(error.code, error.message) from error
    return result.result, answers.RESPONSE_KEY_PATH_TO_TRANSFORMER
