"""Which browser the tests drive: BROWSER_PATH, Debian's chromium, or the one that Playwright has installed."""

import os
from pathlib import Path

import pytest
from django.db import connections

DEBIAN = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def playwright(playwright):
    """While Playwright's event loop is there, Django keeps connections of its own: they are closed before it goes."""
    yield playwright
    connections.close_all()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    # For the tests that need both a browser and the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    named = os.environ.get("BROWSER_PATH", "")
    found = next((path for path in (named, str(DEBIAN)) if path and Path(path).exists()), None)
    return {**browser_type_launch_args, **({"executable_path": found} if found else {}), "args": ["--no-sandbox"]}
