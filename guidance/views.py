"""The guide's pages: public, GET only, no query, nothing kept about the reader."""

from collections.abc import Callable, Iterable
from functools import cache, lru_cache, wraps
from typing import Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.safestring import SafeString
from django.views.decorators.http import conditional_page, require_safe

from guidance import catalogue, strangers
from guidance import regions as places
from guidance.advice import Advised, Answer, Asking, consult
from guidance.markdown import as_markdown
from guidance.questions import QUESTIONS
from guidance.words import WORDS

View = Callable[[HttpRequest], HttpResponse]

CREDENTIAL_FORM: Final = ("credential_new", "/credentials/new/")
AGAIN: Final = "ask"  # the parameter that names a question to be asked again


def guide_page(view: View) -> View:
    """Make `view` public. Browsers may keep the page but must ask anew: its header names who is signed in."""

    @wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        response = view(request)
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["Cookie"])
        return response

    decorated: View = login_not_required(require_safe(conditional_page(page)))
    return decorated


@guide_page
def table(request: HttpRequest) -> HttpResponse:
    """Show the whole credential table and what belongs to it."""
    return _page(request, "Which SES credential do you need?", _table())


@guide_page
def regions(request: HttpRequest) -> HttpResponse:
    """Show every region with its hosts, and the ports."""
    return _page(request, "Regions, hosts and ports", _regions())


@guide_page
def wizard(request: HttpRequest) -> HttpResponse:
    """Ask one question, or give the recommendation: the address holds every answer."""
    given = {question.key: request.GET.get(question.key, "") for question in QUESTIONS}
    outcome = consult(given, again=request.GET.get(AGAIN, ""))
    if isinstance(outcome, Advised):
        return _page(request, outcome.recommendation.title, _wizard(outcome), copies=True)
    return _page(request, outcome.question.title, _wizard(outcome))


def _page(request: HttpRequest, title: str, body: SafeString, *, copies: bool = False) -> HttpResponse:
    context = {"title": title, "body": body, "copies": copies}
    if not request.COOKIES:
        return strangers.page(request, "guidance/page.html", context, key=body)
    return render(request, "guidance/page.html", context)


# What stands between header and footer is the same for everybody, so each is rendered once.


@cache
def _table() -> SafeString:
    return render_to_string(
        "guidance/table.html",
        {
            "facts": catalogue,
            "action_columns": f"IAM action|{catalogue.FOUR_LABEL}|{catalogue.FIVE_LABEL}",
            "words": WORDS,
            "smtp_count": len(places.smtp_regions()),
            "api_count": len(places.REGIONS),
            "regions": places.WELL_KNOWN,
        },
    )


@cache
def _regions() -> SafeString:
    return render_to_string("guidance/regions.html", {"facts": places, "groups": places.by_evidence()})


@lru_cache(maxsize=512)  # nothing typed is in the key, so nobody can fill it with theirs
def _wizard(outcome: Asking | Advised) -> SafeString:
    if isinstance(outcome, Advised):
        return render_to_string("guidance/recommendation.html", _recommendation(outcome))
    return render_to_string("guidance/question.html", _question(outcome))


def _question(asking: Asking) -> dict[str, object]:
    answers = asking.answers
    position = min(
        (n for n, answer in enumerate(answers) if QUESTIONS.index(answer.question) > QUESTIONS.index(asking.question)),
        default=len(answers),
    )
    names = [answer.question.short for answer in answers]
    done = [(name, "done") for name in names[:position]]
    ahead = [(name, "") for name in (*names[position:], "Answer")]
    if asking.chosen:
        back = _address(answers, (asking.question.key, asking.chosen))
    else:
        back = _address(answers, (AGAIN, answers[-1].question.key)) if answers else reverse("guidance:table")
    return {
        "asking": asking,
        "steps": [*done, (asking.question.short, "now"), *ahead],
        "answered": _with_change(answers),
        "back": back,
    }


def _recommendation(advised: Advised) -> dict[str, object]:
    return {
        "advised": advised,
        "advice": advised.recommendation,
        "answered": _with_change(advised.answers),
        "last": _address(advised.answers, (AGAIN, advised.answers[-1].question.key)),
        "form": _form_address(advised),
        "markdown": as_markdown(advised),
    }


def _with_change(answers: tuple[Answer, ...]) -> list[tuple[Answer, str]]:
    return [(answer, _address(answers, (AGAIN, answer.question.key))) for answer in answers]


def _address(answers: Iterable[Answer], *more: tuple[str, str]) -> str:
    pairs = [(answer.question.key, answer.option.value) for answer in answers]
    return f"{reverse('guidance:wizard')}?{urlencode([*pairs, *more])}"


_RUNS: Final = {"aws": "Software on AWS", "outside": "Software outside AWS", "vendor": "A vendor's product"}


def _form_address(advised: Advised) -> str:
    """Return where the recommended credential is made here, with a purpose to begin with."""
    name, planned = CREDENTIAL_FORM
    try:
        address = reverse(name)
    except NoReverseMatch:
        address = planned
    kind = advised.recommendation.kind
    runs = next((_RUNS[answer.option.value] for answer in advised.answers if answer.option.value in _RUNS), "Software")
    sends = f"{runs} sends mail by {'SMTP' if kind is catalogue.Kind.SMTP else 'the SES API'}."
    person = "A person works in the SES console."
    query = {"purpose": person if kind is catalogue.Kind.CONSOLE else sends, "kind": kind.value}
    if advised.recommendation.kind is catalogue.Kind.API:
        query["role"] = "no"  # these questions have shown it: the form need not ask once more
    return f"{address}?{urlencode(query)}"
