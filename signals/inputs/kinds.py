"""What kind of Korean security a code and a name stand for."""

import re
from collections.abc import Iterable
from pathlib import Path

from rollsight.base.errors import RollsightError

FUNDS = (
    "KODEX", "TIGER", "KBSTAR", "RISE", "ARIRANG", "PLUS", "HANARO", "KOSEF", "KIWOOM", "SOL",
    "ACE", "KINDEX", "TIMEFOLIO", "TIME", "WON", "FOCUS", "TREX", "KoAct", "UNICORN", "BNK", "1Q",
    "HK", "MASTER", "KCGI", "VITA", "TRUSTON", "ITF", "DAISHIN343", "파워", "마이티", "마이다스",
    "에셋플러스", "히어로즈",
)  # fmt: skip
SPACS = ("스팩", "기업인수목적")
BY_NAME = ("etf", "etn", "spac")  # kinds that a code alone does not tell
CODE = re.compile("[0-9A-Za-z]{6}")


def kind_of(code: str, name: str) -> str:
    """Return ``common``, ``preferred``, ``spac``, ``etf`` or ``etn`` of a Korean security.

    >>> kind_of("005935", "삼성전자우"), kind_of("115960", "연우"), kind_of("069500", "KODEX 200")
    ('preferred', 'common', 'etf')
    """
    if "ETN" in name:
        return "etn"
    if name.split(" ")[0] in FUNDS and " " in name:
        return "etf"
    if any(word in name for word in SPACS):
        return "spac"
    # A common share's code ends in 0; 5, 7, 9 and letters are other classes of the same issuer.
    return "common" if code.endswith("0") else "preferred"


def check_codes(codes: Iterable[str], path: Path) -> None:
    """Raise unless every code can be one of the Korea Exchange: six letters or digits.

    >>> check_codes(["005930", "00104K", "0009K0"], Path("prices.csv"))
    """
    every = list(dict.fromkeys(codes))
    wrong = [code for code in every if not CODE.fullmatch(code)]
    if wrong:
        raise RollsightError(
            f"{path}: {len(wrong)} of {len(every)} codes, such as {wrong[0]!r}, are not the six "
            "letters or digits of a Korean code: where leading zeros were lost ('270' for "
            "'000270'), read with dtype=str; leave out a suffix such as '.KS'"
        )
