"""A call names what was meant by an argument that does not exist, and shows how far it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

import rollsight
from rollsight import RollsightError
from rollsight.base.progress import Progress
from rollsight.workflows.display.calls import automatic, called


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: rollsight.run("sample", horizon=5),  # type: ignore[call-arg]
            "run() has no argument 'horizon': keys of a specification are changed as in "
            "changes={'label.horizon': 5}; did you mean 'label.horizon'?",
        ),
        (
            lambda: rollsight.audit("sample", strategy__stop_loss=0.1),  # type: ignore[call-arg]
            "audit() has no argument 'strategy__stop_loss': keys of a specification are changed as "
            "in changes={'strategy.stop_loss': 0.1}; did you mean 'strategy.stop_loss'?",
        ),
        (
            lambda: rollsight.ledger("sample", dya="2024-01-02"),  # type: ignore[call-arg]
            "ledger() has no argument 'dya' (have ['changes', 'day', 'market', 'spec']); did you "
            "mean 'day'?",
        ),
        (
            lambda: rollsight.load("runs/none", horizon=5),  # type: ignore[call-arg]
            "load() has no argument 'horizon' (have ['lang', 'out', 'progress', 'sections'])",
        ),
        (
            lambda: rollsight.sweep("sample", out="runs", horizon=(5, 10)),  # type: ignore[call-arg]
            "sweep() has no argument 'horizon': keys of a specification are changed as in "
            "changes={'label.horizon': (5, 10)}; did you mean 'label.horizon'?",
        ),
        (
            lambda: rollsight.backtest([], stop_loss=0.1),  # type: ignore[call-arg]
            "backtest() has no argument 'stop_loss': keys of a specification are changed as in "
            "changes={'strategy.stop_loss': 0.1}; did you mean 'strategy.stop_loss'?",
        ),
    ],
)
def test_an_argument_that_does_not_exist_is_told_in_a_line(
    call: Callable[[], object], said: str
) -> None:
    with pytest.raises(TypeError) as refused:
        call()
    assert str(refused.value) == said


@pytest.mark.parametrize("jobs", [0, -2, "2", 1.5])
@pytest.mark.parametrize("call", [rollsight.run, rollsight.audit, rollsight.update])
def test_no_call_takes_jobs_that_are_no_number_of_tasks(
    call: Callable[..., object], jobs: object
) -> None:
    with pytest.raises(RollsightError, match=rf"jobs={jobs!r} must be 1 or more"):
        call("runs/none", jobs=jobs)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: rollsight.compare(["runs/a", "runs/b"]),  # type: ignore[arg-type]
            "compare() has runs=['runs/a', 'runs/b'], of type list: give one of Run, str, Path; "
            "the items of a list are given by *runs",
        ),
        (
            lambda: rollsight.load(None),  # type: ignore[arg-type]
            "load() has out=None, of type NoneType: give one of str, Path",
        ),
        (
            lambda: rollsight.run({"label.horizon": 5}, out="runs/a"),  # type: ignore[arg-type]
            "run() has spec={'label.horizon': 5}, of type dict: give one of RunSpec, str, Path",
        ),
        (
            lambda: rollsight.zoo("sample", out="runs/a", market=3),  # type: ignore[arg-type]
            "zoo() has market=3, of type int: give one of str, Path",
        ),
    ],
)
def test_what_is_no_path_is_refused_where_one_is_given(
    call: Callable[[], object], said: str
) -> None:
    with pytest.raises(RollsightError) as refused:
        call()
    assert str(refused.value) == said


@called
def two_steps(progress: Progress | None = automatic) -> bool:
    """Take two steps."""
    for done in range(3):
        if progress is not None:
            progress("step", done, 2)
    return progress is not None


def test_progress_shows_by_itself_unless_there_is_to_be_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert two_steps()
    assert capsys.readouterr().err.splitlines() == ["step: 0 of 2", "step: 2 done in 00:00"]
    assert not two_steps(progress=None)
    seen: list[int] = []
    assert two_steps(progress=lambda _stage, done, *_: seen.append(done))
    assert seen == [0, 1, 2]
    shown = capsys.readouterr()
    assert shown.out + shown.err == ""


@pytest.mark.slow
def test_a_call_of_the_package_shows_its_stages(
    run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rollsight.load(run_folder, sections=["headline"])
    assert "write the report: 3 done in" in capsys.readouterr().err
    rollsight.load(run_folder, sections=["headline"], progress=None)
    assert capsys.readouterr().err == ""
