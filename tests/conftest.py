"""What holds for every test."""

from hypothesis import settings

# Speed is measured in the benchmark: a busy machine is no fault of the code. The quick tests draw
# the same examples each time: what passed once passes again. `make test-all` draws new ones.
settings.register_profile("repeated", deadline=None, derandomize=True)
settings.register_profile("drawn", deadline=None, print_blob=True)
settings.load_profile("repeated")
