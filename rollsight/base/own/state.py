"""Where what is remembered of a user lies, whatever folders they work in."""

import os
import sys
from pathlib import Path


def state_path(name: str) -> Path | None:
    """Return the path of a file of rollsight's in the user's state directory, there or not.

    That is ``XDG_STATE_HOME`` where it is set to an absolute path, or else the platform's; None
    where the user has no home.
    """
    own = Path(os.environ.get("XDG_STATE_HOME", ""))
    try:
        folder = own if own.is_absolute() else _of_platform(sys.platform)
    except RuntimeError:  # nobody knows where home is
        return None
    return folder / "rollsight" / name


def _of_platform(platform: str) -> Path:
    """Return the folder in which a platform's programs keep what they remember of a user."""
    if platform == "win32":
        given = os.environ.get("LOCALAPPDATA")
        return Path(given) if given else Path.home() / "AppData" / "Local"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path.home() / ".local" / "state"
