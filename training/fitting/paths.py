"""Where networks lie."""

from pathlib import Path


def network_path(store: Path, window: int, seed: int) -> Path:
    """Return where a window's network of a seed is kept."""
    return store / f"{window:03d}-{seed}.pt"


def shared_path(store: Path, key: str) -> Path:
    """Return where a network is kept that any run may use."""
    return store / f"{key}.pt"
