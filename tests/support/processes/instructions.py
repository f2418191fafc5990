"""The instruction sets that results are compared under: one processor plays several.

``python -m tests.support.processes.instructions native -m pytest`` runs Python as a process whose
libraries use all that the processor has.
"""

import os
import sys

VARIABLES = (
    "ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "MKL_CBWR", "OPENBLAS_CORETYPE",
    "NPY_DISABLE_CPU_FEATURES", "ROLLSIGHT_AVX2",
)  # fmt: skip
# What the libraries are told by hand; rollsight itself chooses where nothing is said.
INSTRUCTION_SETS: dict[str, dict[str, str]] = {
    "chosen": {},
    "native": {"ROLLSIGHT_AVX2": ""},
    "sse": {
        "ROLLSIGHT_AVX2": "",
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "MKL_CBWR": "COMPATIBLE",
        "OPENBLAS_CORETYPE": "Nehalem",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3,X86_V4,AVX512_ICL,AVX512_SPR",
    },
}
# Whose C library finds no wide registers either, as on a processor without them.
WITHOUT_WIDE = {
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps="
    "-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ,-AVX512CD,-AVX512ER,-AVX512PF"
}
# Emulated as a user's process: an Intel and an AMD without wide registers.
EMULATOR = "qemu-x86_64"
PROCESSORS = ("Haswell", "Skylake-Client", "EPYC")


def environment(name: str) -> dict[str, str]:
    """Return the environment of a process that is to use one instruction set."""
    kept = {key: value for key, value in os.environ.items() if key not in VARIABLES}
    return kept | INSTRUCTION_SETS[name]


if __name__ == "__main__":
    os.execve(sys.executable, [sys.executable, *sys.argv[2:]], environment(sys.argv[1]))
