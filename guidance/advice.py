"""The wizard's rule: answers in, the next question or a recommendation with its reasons out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from guidance.questions import CENTER, SERVICE, WHERE, WHO, Option, Question, next_question
from guidance.recommendations import keys, people, roles, smtp
from guidance.recommendations.shapes import Recommendation


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and the option chosen for it."""

    question: Question
    option: Option


@dataclass(frozen=True, slots=True)
class Asking:
    """A question is open. `refused` says that the address held an answer which the question does not offer."""

    question: Question
    answers: tuple[Answer, ...]
    chosen: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Advised:
    """The answers suffice."""

    answers: tuple[Answer, ...]
    recommendation: Recommendation

    @property
    def because(self) -> str:
        """What the reader told us, said back, and what follows from it."""
        return f"{told(self.answers)} {self.recommendation.because}"


_FOR_PEOPLE: Final[Mapping[tuple[str, str], Recommendation]] = {
    ("console", "yes"): people.CONSOLE_CENTER,
    ("console", "unknown"): people.CONSOLE_CENTER_ASSUMED,
    ("console", "no"): people.CONSOLE_USER,
    ("cli", "yes"): people.COMMAND_LINE_CENTER,
    ("cli", "unknown"): people.COMMAND_LINE_CENTER_ASSUMED,
    ("cli", "no"): people.CLOUDSHELL,
}
_ON_AWS: Final[Mapping[str, Recommendation]] = {
    "ec2": roles.EC2,
    "ecs": roles.ECS,
    "lambda": roles.LAMBDA,
    "eks": roles.EKS,
    "other": roles.ON_AWS,
}
# Where software that can use the API finds a role; "none" and "no" mean that there is none.
_BY_PROOF: Final[Mapping[str, Recommendation]] = {
    "oidc": roles.OIDC,
    "x509": roles.ROLES_ANYWHERE,
    "yes": roles.VENDOR,
}


def consult(given: Mapping[str, str], again: str = "") -> Asking | Advised:
    """Return the next question, or the recommendation, for the answers `given` by question key.

    Unknown keys and answers off the way are ignored, whatever their order; an answer that its question does not offer
    is asked for again. `again` is the key of a question on the way that the reader wants to change.
    """
    answers: list[Answer] = []
    values: dict[str, str] = {}
    while (question := next_question(values)) is not None:
        value = given.get(question.key, "")
        option = question.option(value)
        if option is None:
            open_question = Asking(question, tuple(answers), refused=bool(value))
            return _reopened(answers, again) or open_question
        values[question.key] = value
        answers.append(Answer(question, option))
    return _reopened(answers, again) or Advised(tuple(answers), _choose(values))


def told(answers: Iterable[Answer]) -> str:
    """Say the answers back as one sentence."""
    says = {answer.question.key: answer.option.says for answer in answers}
    opening = says.pop(WHO.key)
    if SERVICE.key in says:  # says the same as WHERE, more exactly
        says[WHERE.key] = says.pop(SERVICE.key)
    if CENTER.key in says:
        return f"{opening}, and {says[CENTER.key]}."
    *first, last = says.values()
    return f"{opening} {', '.join(first)} and {last}."


def _reopened(answers: list[Answer], again: str) -> Asking | None:
    for answer in answers:
        if answer.question.key == again:
            others = tuple(other for other in answers if other is not answer)
            return Asking(answer.question, others, chosen=answer.option.value)
    return None


def _choose(values: Mapping[str, str]) -> Recommendation:
    if values["who"] != "software":
        return _FOR_PEOPLE[values["who"], values["center"]]
    where, speaks = values["where"], values["speaks"]
    if speaks == "smtp":
        return smtp.SMTP
    if speaks == "unknown":
        if values.get("change") != "yes":
            return smtp.SMTP_ASSUMED
        return roles.ON_AWS if where == "aws" else roles.OUTSIDE
    if where == "aws":
        return _ON_AWS[values["service"]]
    proof = values["identity"] if where == "outside" else values["assume"]
    without_role = keys.ACCESS_KEY if speaks == "api" else smtp.SMTP_BY_CHOICE
    return _BY_PROOF.get(proof, without_role)
