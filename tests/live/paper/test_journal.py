"""A journal loses nothing that was written, and takes nothing that was not."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rollsight.base.errors import RollsightError
from rollsight.live.paper.journal import Journal

ENTRIES = [{"session": f"2024-01-0{n}", "name": "삼성", "equity": 0.1 * n} for n in range(1, 5)]


def written(path: Path) -> bytes:
    journal = Journal(path)
    for entry in ENTRIES:
        journal.append(entry)
    journal.close()
    return path.read_bytes()


def entries_of(path: Path) -> list[dict[str, object]]:
    journal = Journal(path)
    journal.close()
    return journal.entries


def refusal(path: Path) -> str:
    with pytest.raises(RollsightError) as caught:
        Journal(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_cut_anywhere_it_holds_what_was_whole_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    content = written(path)
    ends = [i + 1 for i, byte in enumerate(content) if byte == ord("\n")]
    for size in range(len(content) + 1):
        path.write_bytes(content[:size])
        whole = sum(end <= size for end in ends)
        journal = Journal(path)
        assert journal.entries == ENTRIES[:whole]
        for entry in ENTRIES[whole:]:
            journal.append(entry)
        journal.close()
        assert path.read_bytes() == content


def test_a_line_that_was_edited_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    content = written(path)
    path.write_bytes(content.replace(b"0.2,", b"0.3,"))
    assert "line 2 is not what was written" in refusal(path)
    lines = content.splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], lines[2], lines[1], lines[3]]))
    assert "line 2 is not what was written" in refusal(path)


def test_two_processes_do_not_keep_one_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    code = (
        "import sys; from pathlib import Path; from rollsight.live.paper.journal import Journal; "
        "Journal(Path(sys.argv[1]))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code, journal.path], capture_output=True, text=True, check=False
    )
    assert "is kept by another process" in other.stderr
    journal.close()


def test_a_full_disk_takes_nothing_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    content = written(path)
    end = content.index(b"\n", len(content) // 2 - 9)  # room for two entries and a part of one
    pid = os.fork()
    if pid == 0:  # a limit on the size of files is what a process can be given without a disk
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (end + 20, end + 20))
        path.unlink()
        journal, code = Journal(path), 1
        try:
            for entry in ENTRIES:
                journal.append(entry)
        except RollsightError as error:
            code = 0 if "make room" in str(error) and len(journal.entries) == 2 else 2
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert path.read_bytes() == content[: end + 1]
    assert entries_of(path) == ENTRIES[:2]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "cannot be kept" in refusal(tmp_path / "nowhere" / "journal.jsonl")
