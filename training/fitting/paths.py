"""Where networks lie, and what they forecast."""

from pathlib import Path


def network_path(store: Path, window: int, seed: int, baseline: str = "") -> Path:
    """Return where a window's network of a seed is kept.

    Parameters
    ----------
    baseline
        its family, where it is not the run's own

    >>> network_path(Path("models"), 3, 0, "mine:pooled").name
    '003-mine.pooled-0.pt'
    """
    family = baseline and f"-{baseline.replace(':', '.')}"  # no file's name has a colon everywhere
    return store / f"{window:03d}{family}-{seed}.pt"


def shared_path(store: Path, key: str) -> Path:
    """Return where a network is kept that any run may use."""
    return store / f"{key}.pt"


def forecast_path(store: Path, key: str) -> Path:
    """Return where beside them is kept what a window's networks forecast."""
    return store / f"{key}.arrays"
