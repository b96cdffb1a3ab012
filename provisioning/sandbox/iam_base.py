"""What the IAM answers share: moto's own answers, fed with a parsed and already authorized call."""

from typing import Any

from moto.core.serialize import never_return
from moto.iam.models import User
from moto.iam.responses import IamResponse

from .errors import AwsError
from .principals import Caller
from .wire import Call
from .world import IAM_REGION, PARTITION, World


class IamBase(IamResponse):
    """moto's response class without its own reading of HTTP; one object per call."""

    RESPONSE_KEY_PATH_TO_TRANSFORMER = {
        **IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER,
        # AWS leaves the boundary out of listings.
        "ListUsersResponse.Users.User.PermissionsBoundary": never_return,
    }

    def __init__(self, world: World, call: Call, caller: Caller) -> None:
        super().__init__()
        self.world = world
        self.call = call
        self.caller = caller
        self.params: Any = call.params
        self.uri_match: dict[str, Any] = {}
        self.region = IAM_REGION
        self.partition = PARTITION
        self.current_account = world.account
        self.access_key = caller.key_id
        self.data = self.querystring = {}

    def get_access_key(self) -> str:
        return self.caller.key_id

    def user(self, name: str | None = None) -> User:
        """The user of the call; a user that does not exist or is too new to be seen is NoSuchEntity."""
        name = name or self.call.params.get("UserName") or ""
        user = self.world.iam.users.get(name)
        if user is None or not self.world.user_is_visible(name):
            raise AwsError("NoSuchEntity", f"The user with name {name} cannot be found.")
        return user
