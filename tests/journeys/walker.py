"""A person before a browser, in the words of what they do there."""

from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, Response, expect

from tests.journeys.product import PASSWORD, Product


@dataclass(frozen=True)
class Shown:
    """What the opened hand-over shows: the SMTP user name, and by region the password."""

    user: str
    passwords: dict[str, str] = field(repr=False)


@dataclass
class Walker:
    """One browser window."""

    page: Page
    product: Product

    def go(self, address: str) -> Response:
        response = self.page.goto(address)
        assert response is not None
        return response

    def sign_in(self, name: str) -> None:
        form = self.page.get_by_role("form", name="Sign in")
        form.get_by_label("E-mail address").fill(f"{name}@example.com")
        form.get_by_label("Password").fill(PASSWORD)
        form.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_text(f"{name}@example.com").first).to_be_attached()

    def press(self, name: str) -> None:
        self.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()

    def heading(self, words: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    def describe(
        self, application: str, *, regions: tuple[str, ...] = ("eu-central-1", "us-east-1"), **typed: str
    ) -> None:
        """Fill in the form, on whichever page it is."""
        self.page.get_by_label("Application").fill(application)
        self.page.get_by_label("Purpose").fill(typed.get("purpose", "Sends the weekly digest."))
        for region in regions:
            self.page.get_by_role("checkbox", name=region).check()
        self.page.get_by_label("From addresses").fill(typed.get("senders", "digest@example.com"))
        self.page.get_by_label("Lifetime in days").fill(typed.get("days", "30"))

    def review(self, application: str, **described: object) -> None:
        self.go("/credentials/new/")
        self.describe(application, **described)
        self.press("Review")
        self.heading("This is what will be made")

    def issue(self, application: str, **described: object) -> str:
        """From the form to the hand-over; return its address."""
        self.review(application, **described)
        self.press(f"Issue {application}")
        self.heading(f"Store {application} now")
        return self.page.url

    def show(self) -> Shown:
        """Press "Show" and read what is shown."""
        main = self.page.get_by_role("main")
        main.get_by_role("button", name="Show the password").click()
        user = main.locator("#smtp-user").inner_text()
        values = main.locator("code[id$='-password']")
        regions = [value.get_attribute("id").removesuffix("-password") for value in values.all()]
        return Shown(user, {region: value.inner_text() for region, value in zip(regions, values.all(), strict=True)})

    def states(self, *words: str) -> None:
        """The sign-ins show these states, one for each region."""
        rows = self.page.locator("#proof [data-state]:not([data-state='sending-proved'])")
        expect(rows).to_have_count(len(words))
        for row, word in zip(rows.all(), words, strict=True):
            expect(row).to_have_attribute("data-state", word, timeout=20_000)

    def row(self, words: str) -> Locator:
        return self.page.get_by_role("main").get_by_role("row").filter(has_text=words)
