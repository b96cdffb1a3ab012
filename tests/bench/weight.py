"""What a first visit sends, page by page: HTML and every static file of it, as a browser asks for them."""

import re

from tests.bench import guide
from tests.bench.issuing import TYPED, Ours
from tests.bench.person import Answer, Person
from tests.bench.product import Product
from tests.bench.report import Report

KB = 1024
FIRST_VISIT = 60 * KB
HTML = 15 * KB
FILE = re.compile(r'(?:href|src)="(/static/[^"]+)"')
IN_STYLE = re.compile(r'url\("?(/static/[^")]+|[^")/:][^")]*)"?\)')
EXEMPT = {"the look, /style/"}  # every component in every state, for those who work on it


def measure(product: Product, report: Report) -> None:
    report.section(
        "What a first visit sends, bytes",
        "HTML: raw (held against the limit) and as sent, gzip. Files: style, scripts, icon, each once, as sent.",
        "Accept-Encoding: gzip, br; headers are not counted.",
    )
    files = Files(product.web_port)
    rows = []
    for name, answer in _pages(product).items():
        if answer.status != 200:
            raise SystemExit(f"{name} answers {answer.status}")
        raw, sent, beside = len(answer.raw), len(answer.body), files.weight(answer)
        words = [
            report.limit(f"weight, HTML of {name}", raw, most=HTML) if name not in EXEMPT else "exempt",
            report.limit(f"weight, first visit to {name}", sent + beside, most=FIRST_VISIT),
        ]
        rows.append([name, f"{raw:,}", words[0], f"{sent:,}", f"{beside:,}", f"{sent + beside:,}", words[1]])
    report.table(["page", "HTML raw", "limit", "HTML sent", "files sent", "together", "limit"], rows)


def _pages(product: Product) -> dict[str, Answer]:
    stranger, ours = Person(product.web_port), Ours(product)
    member = ours.person
    pages = {f"guide: {name}": stranger.get(path) for path, name in guide.PAGES.items()}
    pages["sign-in"] = stranger.get("/accounts/login/")
    pages["home"] = member.get("/")
    pages["form"] = member.get("/credentials/new/")
    pages["review"], address = member.review(TYPED)
    member.issue(address)
    pages["hand-over, waiting"] = member.get(address)
    pages["hand-over, opened, 2 regions"] = member.post(f"{address}look/")
    pages["credentials"] = listed = member.get("/credentials/")
    detail = re.search(r'href="(/credentials/\d+/)"', listed.text)
    pages["a credential"] = member.get(detail[1] if detail else "/credentials/1/")
    pages["history"] = member.get("/history/")
    pages["the look, /style/"] = member.get("/style/")
    for name in ("credentials", "history"):
        if 'rel="next"' not in pages[name].text:
            raise SystemExit(f"{name}: too few rows to fill a page")
    return pages


class Files:
    """Static files, each asked for once."""

    def __init__(self, port: int) -> None:
        self.person = Person(port)
        self.seen: dict[str, Answer] = {}

    def weight(self, page: Answer) -> int:
        """Return the bytes of all files of a page, those that its style names among them."""
        wanted = set(FILE.findall(page.text))
        for address in list(wanted):
            if address.endswith(".css"):
                wanted |= {self._address(address, name) for name in IN_STYLE.findall(self._file(address).text)}
        return sum(len(self._file(address).body) for address in wanted)

    def _file(self, address: str) -> Answer:
        if address not in self.seen:
            self.seen[address] = self.person.get(address)
            if self.seen[address].status != 200:
                raise SystemExit(f"{address} answers {self.seen[address].status}")
        return self.seen[address]

    @staticmethod
    def _address(sheet: str, name: str) -> str:
        return name if name.startswith("/") else f"{sheet.rpartition('/')[0]}/{name}"
