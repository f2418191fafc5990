"""Write the golden run anew, and how far apart instruction sets are on this processor."""

import json
import subprocess
import sys

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
