"""A first console password: to the account's password policy, of signs that need no quoting anywhere.

AWS's own policy, where the account has none: 8 to 128 signs, three of the four classes (IAM user guide, "Default
password policy"). A password from here has all four, so it fits any policy that an account can have.
"""

import random
import string
from collections.abc import Mapping

LENGTH = 20
LONGEST = 128
_ALIKE = "Il1O0o"  # somebody may have to type it from paper

LETTERS = "".join(sign for sign in string.ascii_letters if sign not in _ALIKE)
DIGITS = "".join(sign for sign in string.digits if sign not in _ALIKE)
# Of AWS's symbols, those that no shell, CSV, INI, URL or markup gives a meaning. A letter comes first, because a
# leading hyphen would be an option or, in a spreadsheet, a formula.
SYMBOLS = "-_"
CLASSES = (
    "".join(filter(str.isupper, LETTERS)),
    "".join(filter(str.islower, LETTERS)),
    DIGITS,
    SYMBOLS,
)


def generate(policy: Mapping[str, object] | None, chance: random.Random) -> str:
    """Return a password that `policy` takes, as GetAccountPasswordPolicy words it (None: AWS's default).

    `chance` must be unpredictable, such as `random.SystemRandom()`.
    """
    asked = (policy or {}).get("MinimumPasswordLength", 0)
    length = min(max(LENGTH, asked if isinstance(asked, int) else 0), LONGEST)
    rest = [chance.choice(each) for each in CLASSES]
    rest += [chance.choice("".join(CLASSES)) for _ in range(length - 1 - len(rest))]
    chance.shuffle(rest)
    return chance.choice(LETTERS) + "".join(rest)
