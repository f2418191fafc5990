"""What holds for every test."""

import os

from hypothesis import settings

# Tests run side by side, one process a core: threads of the numeric libraries would only wait for
# each other. No result depends on their number.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# Speed is measured in the benchmark: a busy machine is no fault of the code. The quick tests draw
# the same examples each time: what passed once passes again. `make test-all` draws new ones.
settings.register_profile("repeated", deadline=None, derandomize=True)
settings.register_profile("drawn", deadline=None, print_blob=True)
settings.load_profile("repeated")
