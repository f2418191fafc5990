"""Write the golden run anew, how far apart instruction sets are here, and a small run's bits."""

import json
import subprocess
import sys

from tests.golden.bits import BITS, listed
from tests.golden.spread import RUN, SPREAD, spreads
from tests.support.processes.instructions import INSTRUCTION_SETS, environment

COMMAND = [sys.executable, "-m", "tests.golden.pipe"]
texts = [
    subprocess.run(
        COMMAND, env=environment(name), check=True, capture_output=True, text=True
    ).stdout
    for name in INSTRUCTION_SETS
]
RUN.write_text(texts[0], encoding="utf-8")
measured = spreads([json.loads(text) for text in texts])
SPREAD.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
bits = subprocess.run(
    [sys.executable, "-m", "tests.golden.bits"], env=environment("chosen"), check=True,
    capture_output=True, text=True,
).stdout  # fmt: skip
# Those of other versions stay until somebody who has them writes them anew.
BITS.write_text(json.dumps(listed() | json.loads(bits), indent=1) + "\n", encoding="utf-8")
