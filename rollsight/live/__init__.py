"""The newest decisions, served to screens and programs as they come."""

from typing import TYPE_CHECKING

from rollsight.base.errors import RollsightError

if TYPE_CHECKING:
    from rollsight.live.client import Stream

__all__ = ["connect"]


def connect(url: str, token: str | None = None) -> "Stream":
    """Return the messages of a live server: ``async for message in rollsight.live.connect(url)``.

    Parameters
    ----------
    url
        as in ``http://127.0.0.1:8765``
    token
        that the server was started with, where it was

    Raises
    ------
    RollsightError
        Here or later: if the extra is not installed, nothing answers at first, the server refuses,
        or it speaks another version. A connection that is lost later is opened again.
    """
    try:
        from rollsight.live.client import Stream
    except ModuleNotFoundError as error:
        raise RollsightError(
            "rollsight.live.connect needs the package websockets: pip install 'rollsight[live]'"
        ) from error
    return Stream(url, token)
