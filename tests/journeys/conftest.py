"""A running product, and people who sit before a browser."""

import pytest

from tests.journeys.browsers import browser_type_launch_args, playwright  # noqa: F401 - fixtures
from tests.journeys.product import Product, running
from tests.journeys.walker import Walker

# Browsers come last: Playwright's event loop stays in the thread, and Django takes what follows for async code. What
# shares a product, or the pages that were built once, stays with one worker of xdist.
LAST = ("pages", "journeys")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    for item in items:
        kind = _stays_with(item)
        if kind and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(kind))
    yield  # others have an order of their own: by the database, and by what is made once a session
    items.sort(key=lambda item: LAST.index(_stays_with(item)) if _stays_with(item) in LAST else -1)


def _stays_with(item):
    if item.get_closest_marker("journey"):
        return "pages" if item.get_closest_marker("same_pages") else "journeys"
    return "products" if item.module.__name__ == "tests.run.test_product" else ""


@pytest.fixture(scope="session")
def _served(sandbox, tmp_path_factory):
    with running(tmp_path_factory.mktemp("product"), sandbox) as product:
        yield product


@pytest.fixture
def product(_served: Product):
    """The product on a good day; what a test made bad is good again after it."""
    yield _served
    _served.sandbox.faults.clear()
    _served.sandbox.clock_offset = 0
    _served.sandbox.settings.key_delay = 0


@pytest.fixture
def walker(product: Product, new_context):
    """Make people: `walker("member")` is signed in, `walker()` is a stranger; each in a browser of their own."""

    def sits_down(name: str = "", *, scripts: bool = True, **options: object) -> Walker:
        context = new_context(base_url=product.url, java_script_enabled=scripts, **options)
        context.set_default_timeout(15_000)
        person = Walker(context.new_page(), product)
        if name:
            person.go("/accounts/login/")
            person.sign_in(name)
        return person

    return sits_down
