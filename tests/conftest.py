"""What holds for every test."""

from hypothesis import settings

# Speed is measured in the benchmark: a busy machine is no fault of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
