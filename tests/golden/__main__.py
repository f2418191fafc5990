"""Write the golden run anew."""

from tests.golden.pipe import PATH, golden_text

PATH.write_text(golden_text(), encoding="utf-8")
