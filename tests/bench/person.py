"""Somebody with a browser that keeps its connection and its cookies, and runs no scripts."""

import gzip
import html
import http.client
import re
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

PASSWORD = "sandbox-only"  # of the demo
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
HANDOVER = re.compile(r'action="(/handovers/[0-9a-f-]+/)"')


@dataclass(frozen=True)
class Answer:
    """What came back, as it was sent, and how long it took."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float

    @property
    def raw(self) -> bytes:
        return gzip.decompress(self.body) if self.headers["Content-Encoding"] == "gzip" else self.body

    @property
    def text(self) -> str:
        return self.raw.decode()


class Person:
    """Asks page after page; forms are sent with what the page before gave."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[tuple[str, str], str] = {}  # by path and name
        self.token = ""

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, fields: dict[str, object] | None = None) -> Answer:
        typed = {**(fields or {}), "csrfmiddlewaretoken": self.token}
        return self._ask("POST", path, urlencode(typed, doseq=True).encode())

    def sign_in(self, email: str) -> None:
        self.get("/accounts/login/")
        answer = self.post("/accounts/login/", {"login": email, "password": PASSWORD})
        if answer.status != 302:
            raise SystemExit(f"{email} cannot sign in: {answer.status}")
        self.get("/credentials/")  # every page has a form to sign out, so this one has the new token

    def review(self, typed: dict[str, object]) -> tuple[Answer, str]:
        """Return the review and the address that its button posts to."""
        answer = self.post("/credentials/new/", typed)
        found = HANDOVER.search(answer.text)
        if answer.status != 200 or not found:
            raise SystemExit(f"No review: {_said(answer)}")
        return answer, found[1]

    def issue(self, address: str) -> float:
        """Press the button of a review; return the seconds until its 303."""
        answer = self.post(address)
        if answer.status != 303:
            raise SystemExit(f"Not issued: {_said(answer)}")
        return answer.seconds

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        headers = {"Accept": "text/html", "Accept-Encoding": "gzip, br", "Cookie": self._cookies_for(path)}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        answer = Answer(response.status, response.headers, response.read(), time.perf_counter() - began)
        self._keep(response.headers.get_all("Set-Cookie") or [])
        if answer.headers.get_content_type() == "text/html" and (found := TOKEN.search(answer.text)):
            self.token = html.unescape(found[1])
        return answer

    def _cookies_for(self, path: str) -> str:
        return "; ".join(f"{name}={value}" for (where, name), value in self.cookies.items() if path.startswith(where))

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[morsel["path"] or "/", name] = morsel.value


def _said(answer: Answer) -> str:
    """Return the words of a page."""
    main = answer.text.partition("<main")[2] or answer.text
    return f"{answer.status} {' '.join(re.sub('<[^>]*>', ' ', main).split())[:1500]}"
