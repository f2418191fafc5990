"""Numeric libraries use the instructions that rollsight chose, or what they had is said."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rollsight.base.arithmetic import TORCH, instructions, processor_features
from rollsight.training.fitting.keys import code_digest
from tests.support.processes.instructions import VARIABLES, WITHOUT_WIDE, environment

ROOT = Path(__file__).parents[2]
NAMES = f"import os; print([n for n in {VARIABLES} if os.environ.get(n)])"
NUMPY = "from rollsight.base.arithmetic import instructions as i; print(i('numpy'))"
able = pytest.mark.skipif("avx2" not in processor_features(), reason="a processor without AVX2")
wide = pytest.mark.skipif("avx512f" not in processor_features(), reason="has no wider registers")


def said(code: str, name: str = "chosen", **more: str) -> str:
    """Return what a process prints in which nothing is chosen yet."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(name) | more, check=True,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.fixture
def asked_anew() -> Iterator[None]:
    instructions.cache_clear()
    yield
    instructions.cache_clear()


@able
def test_a_user_who_says_nothing_gets_avx2() -> None:
    variables = (*TORCH, "OPENBLAS_CORETYPE")
    names = f"import os, rollsight; print([os.environ[n] for n in {variables}])"
    assert said(names) == "['avx2', 'AVX2', 'AVX2,STRICT', 'Haswell']"
    assert said(f"import rollsight; {NUMPY}") == "avx2"


@wide
def test_what_numpy_had_before_rollsight_stays_and_is_said() -> None:
    # A worker's libraries use what those of its parent use, or results would depend on jobs.
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {NUMPY!r}])"
    late = said(f"import numpy, rollsight, os; {NUMPY}; print(os.environ['MKL_CBWR']); {child}")
    assert sorted(late.splitlines()) == ["AVX2,STRICT", "native X86_V4", "native X86_V4"]


@able
def test_a_variable_that_a_user_set_stays_and_is_said() -> None:
    own = said(f"import rollsight; {NUMPY}", OPENBLAS_CORETYPE="Nehalem")
    assert own == "native X86_V3 OPENBLAS_CORETYPE=Nehalem"


def test_nothing_is_chosen_where_a_user_says_so() -> None:
    assert said(f"import rollsight; {NAMES}", "native") == "[]"


@able
def test_tests_use_the_instructions_that_users_do() -> None:
    if os.environ["ROLLSIGHT_AVX2"] != "numpy,torch":
        pytest.skip("other instructions were asked for")
    assert [instructions("numpy"), instructions("torch")] == ["avx2", "avx2"]


def test_networks_of_other_instructions_have_other_keys(
    monkeypatch: pytest.MonkeyPatch, asked_anew: None
) -> None:
    before = code_digest("resnet")
    monkeypatch.setenv("MKL_CBWR", "SSE4_1")
    assert code_digest("resnet") == before  # a process asks once
    instructions.cache_clear()
    assert instructions("torch").endswith(" MKL_CBWR=SSE4_1")
    assert code_digest("resnet") != before


@pytest.mark.slow
@able
def test_a_run_has_the_same_bytes_without_wide_registers() -> None:
    run = "import runpy; runpy.run_module('tests.golden.pipe', run_name='__main__')"
    chosen = said(run)
    # The processor is the same; the C library is told that it is another.
    assert said(run, **WITHOUT_WIDE) == chosen
    if "avx512f" in processor_features():
        assert said(run, "native") != chosen  # so the run does tell them apart
