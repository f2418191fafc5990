"""Reports of progress are handed on as they come, and timed."""

from rollsight.base.progress import Steps, Stopwatch


def test_a_stage_is_timed_once_it_was_reported_to_its_end() -> None:
    heard: list[tuple[str, int, int]] = []
    watch = Stopwatch(lambda *report: heard.append(report))
    reports = [("train", 0, 2), ("trade", 0, 1), ("train", 1, 2), ("train", 2, 2)]
    for report in reports:
        watch(*report)
    assert heard == reports
    assert set(watch.seconds) == {"train"}
    assert watch.seconds["train"] > 0


def test_steps_count_themselves() -> None:
    heard: list[tuple[object, ...]] = []
    step = Steps(lambda *report: heard.append(report), "draw", 2)
    step()
    step()
    assert heard == [("draw", 0, 2), ("draw", 1, 2), ("draw", 2, 2)]
