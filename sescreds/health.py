"""`python -m sescreds.health`: does the web server of this container answer? Exit code 0 where it does."""

import http.client
import sys
from urllib.parse import urlsplit

from sescreds.environment import Environment

env = Environment()


def answers() -> bool:
    """Ask /healthz on this machine, under the name by which people ask."""
    port = env.int("PORT", default=8000)
    host = urlsplit(env.str("BASE_URL", default="")).hostname or "127.0.0.1"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if answers() else 1)
