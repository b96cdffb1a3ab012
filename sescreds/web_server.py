"""How gunicorn serves: `gunicorn --config python:sescreds.web_server`."""

import os
import socket
import struct
from pathlib import Path
from typing import Any

from sescreds import logs
from sescreds.environment import Environment

wsgi_app = "sescreds.wsgi"
env = Environment()
bind = f"{env.str('BIND', default='127.0.0.1')}:{env.int('PORT', default=8000)}"
workers = env.int("WEB_CONCURRENCY", default=1)
worker_class = "gthread"
threads = 8  # most of an act is waiting for AWS
graceful_timeout = 5
keepalive = 5
# A second instance under the same HOME would take over the first one's socket and remove it.
control_socket_disable = True
# Workers tell by a file that they live; on a disk a slow write would look like a dead worker.
if Path("/dev/shm").is_dir() and os.access("/dev/shm", os.W_OK):  # noqa: S108 - gunicorn makes the name unguessable
    worker_tmp_dir = "/dev/shm"  # noqa: S108
# One line a request comes from our own middleware, which knows the request id and leaves out what addresses hold.
accesslog = None
logconfig_dict = logs.configuration(env.str("LOG_LEVEL", default="INFO").upper())
PATIENCE = 10  # seconds for which a client may neither send nor take anything, in the middle of a request


def when_ready(server: Any) -> None:  # noqa: ANN401 - gunicorn has no types
    """Let no client hold a thread by silence: each connection inherits this from the socket it came through.

    Whoever sends a byte now and then is kept out by the proxy, which hands on whole requests.
    """
    patience = struct.pack("ll", PATIENCE, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
