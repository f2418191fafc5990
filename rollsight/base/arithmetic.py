"""The instructions that numeric libraries use: those of AVX2, so that processors round alike.

A library that finds wider registers sums in another order. It reads which it may use from the
environment, once, when it is loaded: what was loaded before rollsight stays as it is.
"""

import os
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("numpy", "torch")
# The libraries that follow, for processes that this one starts; those named before it counts.
CHOSEN = "ROLLSIGHT_AVX2"
TORCH = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    # Intel's library has other kernels for other makers' processors unless it is to be strict.
    "MKL_CBWR": "AVX2,STRICT",
}


def choose_instructions() -> None:
    """Have the libraries that are not loaded yet use the instructions of AVX2.

    A variable that the environment has already stays as it is.
    """
    asked = os.environ.get(CHOSEN, ",".join(LIBRARIES)).split(",")
    able = "avx2" in processor_features()
    chosen = [
        library
        for library in LIBRARIES
        if able and library in asked and (library not in sys.modules or not _others(library))
    ]
    for library in chosen:
        for name, value in _variables(library).items():
            os.environ.setdefault(name, value)
    os.environ[CHOSEN] = ",".join(chosen)


@cache
def instructions(library: str) -> str:
    """Return which a library uses: ``avx2``, or what it found where it was not told in time."""
    found = _found(library)
    others = _others(library)
    if library in os.environ[CHOSEN].split(",") and not others and found in {"AVX2", "X86_V3"}:
        return "avx2"
    given = [f"{name}={os.environ[name]}" for name in others if name in os.environ]
    return " ".join(["native", found, *given])


@cache
def processor_features() -> frozenset[str]:
    """Return what the processor can do, in the kernel's words; empty where no kernel says."""
    flags = [line for line in _cpuinfo() if line.startswith("flags")]
    return frozenset(flags[0].split(":")[1].split()) if flags else frozenset()


def processor_name() -> str | None:
    """Return the processor's name; None where no kernel says."""
    names = [line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")]
    return names[0] if names else None


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _variables(library: str) -> dict[str, str]:
    if library == "torch":
        return TORCH
    # numpy warns of a name that it or the processor does not know.
    wide = {"NPY_DISABLE_CPU_FEATURES": _widest()} if "avx512f" in processor_features() else {}
    return {"OPENBLAS_CORETYPE": "Haswell"} | wide


def _widest() -> str:
    major, minor = (int(part) for part in version("numpy").split(".")[:2])
    return "X86_V4" if (major, minor) >= (2, 4) else "AVX512F AVX512CD AVX512_SKX"


def _others(library: str) -> list[str]:
    """Return the variables of a library that are absent, or not as they are chosen here."""
    return [name for name, v in _variables(library).items() if os.environ.get(name) != v]


def _found(library: str) -> str:
    if library == "torch":
        import torch

        capability: str = torch.backends.cpu.get_cpu_capability()
        return capability
    import numpy as np

    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    # What needs wider registers than a feature that is off stays off in fact.
    usable = [name for name in found if name in {"AVX2", "X86_V3", "AVX512_SKX", "X86_V4"}]
    return usable[-1] if usable else "baseline"
