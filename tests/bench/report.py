"""The table that a run prints, and the limits that it holds."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


def ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f}"


@dataclass(frozen=True)
class Spread:
    """A median with the least and the most."""

    values: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def shown(self, factor: float = 1, digits: int = 1) -> str:
        middle, least, most = (v * factor for v in (self.median, min(self.values), max(self.values)))
        return f"{middle:,.{digits}f} [{least:,.{digits}f} .. {most:,.{digits}f}]"


@dataclass(frozen=True)
class Pairs:
    """Two arms measured in turn, A B A B: what the machine does meanwhile meets both, so the ratio of a pair holds."""

    ours: Sequence[float]
    bare: Sequence[float]

    @property
    def ratio(self) -> Spread:
        return Spread([ours / bare for ours, bare in zip(self.ours, self.bare, strict=True)])

    @property
    def own(self) -> Spread:
        """What ours takes more than the bare arm."""
        return Spread([ours - bare for ours, bare in zip(self.ours, self.bare, strict=True)])


@dataclass
class Report:
    """Prints as it goes, and remembers every limit that was broken."""

    broken: list[str] = field(default_factory=list)
    held: int = 0

    def section(self, title: str, *settings: str) -> None:
        print(f"\n{title}\n{'=' * len(title)}")
        for line in settings:
            print(f"  {line}")
        if settings:
            print(flush=True)

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        widths = [max(len(row[column]) for row in (headers, *rows)) for column in range(len(headers))]
        for row in (headers, ["-" * width for width in widths], *rows):
            first, *rest = (
                cell.ljust(width) if i == 0 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            print("  " + "  ".join([first, *rest]).rstrip())
        print(flush=True)

    def note(self, words: str) -> None:
        print(f"  {words}", flush=True)

    def limit(self, name: str, value: float, *, most: float | None = None, least: float | None = None) -> str:
        """Return a word for the table; remember the limit if it is broken."""
        bound, sign = (most, "<=") if most is not None else (least, ">=")
        assert bound is not None
        if value <= bound if most is not None else value >= bound:
            self.held += 1
            return f"{sign} {bound:g} ok"
        self.broken.append(f"{name}: {value:,.2f}, must be {sign} {bound:g}")
        return f"{sign} {bound:g} BROKEN"

    def unmeasured(self, name: str, why: str) -> None:
        """Count limits that could not be measured as broken: nobody has seen that they hold."""
        self.note(f"Not measured: {why}.\n")
        self.broken.append(f"{name}: not measured, {why}")

    def end(self) -> int:
        """Print how it went; return the exit code."""
        print()
        for line in self.broken:
            print(f"BROKEN  {line}")
        print(f"{self.held} limits hold, {len(self.broken)} are broken.", flush=True)
        return 1 if self.broken else 0
