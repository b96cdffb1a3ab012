"""A recommendation as Markdown, for a ticket or a wiki page."""

from collections.abc import Iterable

from guidance.advice import Advised


def as_markdown(advised: Advised) -> str:
    """Return the whole recommendation as Markdown, without anything about the reader but their answers."""
    advice = advised.recommendation
    blocks = [
        f"## {advice.title}",
        advised.because,
        "### Answers",
        _items(f"{answer.question.short}: {answer.option.label}" for answer in advised.answers),
        "### It consists of",
        _items(f"{part.name}: `{part.looks}`, {part.note}" for part in advice.parts),
        advice.parts_note,
        "### How to get it",
        "\n".join(f"{number}. {step}" for number, step in enumerate(advice.steps, start=1)),
        "### Why not the others",
        _items(f"{other.credential}: {other.verdict.label.lower()}. {other.because}" for other in advice.others),
        "### Watch out for",
        _items(f"**{point.lead}** {point.text}" for point in advice.watch),
        "### Keep it healthy",
        _items(advice.keep),
        f"Another way: {advice.alternative}",
        "### Read on",
        _items(f"[{link.text}]({link.url}), {link.where}" for link in advice.links),
    ]
    return "\n\n".join(blocks) + "\n"


def _items(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
