"""A small run has the bits that are written down, whoever made the processor."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rollsight.base.arithmetic import processor_features
from tests.golden.bits import VERSIONS, listed
from tests.support.processes.instructions import (
    EMULATOR,
    PROCESSORS,
    WITHOUT_WIDE,
    environment,
)

COMMAND = [sys.executable, "-m", "tests.golden.bits"]
# So the run does go through what each setting decides. OPENBLAS_CORETYPE is not among them: it
# moves last bits of float64, which weights of float32 may hide, as they do here.
OTHERWISE = {
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "MKL_CBWR": "COMPATIBLE",
    "NPY_DISABLE_CPU_FEATURES": "",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("avx2" not in processor_features(), reason="a processor without AVX2"),
    pytest.mark.skipif(VERSIONS not in listed(), reason=f"no bits are written down of {VERSIONS}"),
]


def found(*emulator: str, **more: str) -> dict[str, str]:
    """Return the digests that a process prints which chooses for itself, but for ``more``."""
    one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*emulator, *COMMAND], cwd=Path(__file__).parents[2], check=True, stdout=subprocess.PIPE,
        env=environment("chosen") | one_thread | more, text=True,
    )  # fmt: skip
    digests: dict[str, str] = json.loads(done.stdout)[VERSIONS]
    return digests


@pytest.mark.parametrize("more", [{}, WITHOUT_WIDE], ids=["as it is", "without wide registers"])
def test_this_processor_has_the_bits_that_are_written_down(more: dict[str, str]) -> None:
    assert found(**more) == listed()[VERSIONS]


@pytest.mark.parametrize("processor", PROCESSORS)
def test_emulated_processors_of_all_makers_have_them_too(processor: str) -> None:
    emulator = shutil.which(EMULATOR)
    if emulator is None:
        pytest.skip(f"there is no {EMULATOR} to emulate {processor}")
    assert found(emulator, "-cpu", processor) == listed()[VERSIONS]


@pytest.mark.parametrize("name", OTHERWISE)
def test_the_bits_are_others_where_a_setting_is(name: str) -> None:
    if name == "NPY_DISABLE_CPU_FEATURES" and "avx512f" not in processor_features():
        pytest.skip("a processor without wide registers has nothing to leave out")
    assert found(**{name: OTHERWISE[name]}) != listed()[VERSIONS]
