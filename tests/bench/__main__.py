"""`make bench`: measure what the product promises, print it, and fail if a promise is broken."""

import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import calls, ends, guide, issuing, lighthouse, lists, weight
from tests.bench.product import Product
from tests.bench.report import Report


def main() -> int:
    began = time.monotonic()
    report = Report()
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} CPUs")
    print("Medians [least .. most]. A ratio is the median of the ratios of pairs that were measured in turn.")
    with tempfile.TemporaryDirectory(prefix="sescreds-bench-") as folder:
        product = Product(Path(folder))
        with product.running():
            copy = lists.copy_of(product)
            calls.measure(product, report)
            issuing.measure(product, report)
            ends.measure(product, lists.copy_of(product, "ends"), report)
            guide.measure(product, report)
            weight.measure(product, report)
            lighthouse.measure(product, report)
        lists.measure(product, copy, report)
    print(f"It took {time.monotonic() - began:.0f} s.")
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
