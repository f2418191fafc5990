"""How notes say numbers of things."""


def counted(count: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "stock"), counted(2, "stock")
    ('1 stock', '2 stocks')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
