"""What holds for every way through the wizard, whatever stands in the address."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance.advice import Advised, Asking, consult, told
from guidance.catalogue import Kind
from guidance.markdown import as_markdown
from guidance.questions import MOST_QUESTIONS, QUESTIONS
from guidance.recommendations.others import ROOT
from guidance.recommendations.shapes import Verdict


def every_way(answers: dict[str, str] | None = None) -> Iterator[dict[str, str]]:
    answers = answers or {}
    outcome = consult(answers)
    if isinstance(outcome, Advised):
        yield answers
        return
    for option in outcome.question.options:
        yield from every_way({**answers, outcome.question.key: option.value})


WAYS = list(every_way())
KEYS = [question.key for question in QUESTIONS]
VALUES = sorted({option.value for question in QUESTIONS for option in question.options})
answers = st.dictionaries(
    st.sampled_from([*KEYS, "colour"]), st.sampled_from(VALUES) | st.text(max_size=12), max_size=len(KEYS) + 1
)


def advised(way: dict[str, str]) -> Advised:
    outcome = consult(way)
    assert isinstance(outcome, Advised)
    return outcome


def test_every_way_ends_within_the_promised_number_of_questions():
    assert len(WAYS) == 34
    assert max(map(len, WAYS)) == MOST_QUESTIONS


@given(answers)
def test_any_address_is_a_question_or_a_recommendation(given_answers):
    outcome = consult(given_answers)
    if isinstance(outcome, Asking):
        assert outcome.refused == bool(given_answers.get(outcome.question.key))
        assert outcome.question.key not in {answer.question.key for answer in outcome.answers}
    for answer in outcome.answers:
        assert given_answers[answer.question.key] == answer.option.value


@given(answers, st.randoms())
def test_the_order_of_answers_does_not_matter(given_answers, random):
    pairs = list(given_answers.items())
    random.shuffle(pairs)
    assert consult(dict(pairs)) == consult(given_answers)


@given(answers, st.sampled_from(KEYS) | st.text(max_size=8))
def test_asking_again_keeps_the_other_answers(given_answers, again):
    first, second = consult(given_answers), consult(given_answers, again=again)
    on_the_way = {answer.question.key: answer for answer in first.answers}
    if again not in on_the_way:
        assert second == first
    else:
        assert isinstance(second, Asking)
        assert second.question.key == again
        assert second.chosen == on_the_way[again].option.value
        assert {answer.question.key for answer in second.answers} == set(on_the_way) - {again}


@given(st.sampled_from(WAYS), st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3))
def test_unknown_parameters_are_ignored(way, extra):
    more = {key: value for key, value in extra.items() if key not in KEYS}
    assert consult({**more, **way}) == consult(way)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_root_is_never_the_answer_and_always_named_as_never(way):
    outcome = advised(way)
    advice = outcome.recommendation
    (root,) = [other for other in advice.others if other.credential == ROOT]
    assert root.verdict is Verdict.NEVER
    for text in (advice.title, advice.because, *advice.steps, *(part.name for part in advice.parts)):
        assert "root" not in text.lower()
        assert "e-mail address and password" not in text.lower()


@pytest.mark.parametrize("way", [way for way in WAYS if way.get("speaks") == "smtp"], ids=str)
def test_software_that_speaks_only_smtp_gets_smtp_credentials_and_no_role(way):
    advice = advised(way).recommendation
    assert advice.kind is Kind.SMTP
    assert advice.needs_credential
    verdicts = {other.credential: other.verdict for other in advice.others}
    assert verdicts["A role, no key"] is Verdict.DOES_NOT_WORK
    assert verdicts["AWS access keys"] is Verdict.DOES_NOT_WORK


@pytest.mark.parametrize("way", [way for way in WAYS if way.get("speaks") == "api"], ids=str)
def test_software_that_speaks_only_the_api_never_gets_smtp_credentials(way):
    assert advised(way).recommendation.kind is Kind.API


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_every_recommendation_is_whole(way):
    outcome = advised(way)
    advice = outcome.recommendation
    named = {other.credential for other in advice.others} | {advice.title}
    for credential in ("access key", "SMTP credentials"):
        assert any(credential.lower() in name.lower() for name in named), credential
    assert advice.parts
    assert len(advice.steps) >= 2
    assert advice.watch
    assert advice.keep
    assert advice.alternative
    assert advice.links
    assert outcome.because.startswith(told(outcome.answers))
    markdown = as_markdown(outcome)
    assert advice.title in markdown
    assert all(step in markdown for step in advice.steps)
    texts = [advice.because, *advice.steps, advice.alternative, *advice.keep, *(o.because for o in advice.others)]
    assert [text for text in texts if "!" in text or text.count("`") % 2 or "  " in text] == []


def test_one_thing_has_one_name():
    assert len({question.key for question in QUESTIONS}) == len(QUESTIONS)
    for question in QUESTIONS:
        values = [option.value for option in question.options]
        assert len(set(values)) == len(values)
