"""What a run and a sweep show of themselves: notebook, figure, series, and the page."""

import re
import webbrowser
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlparse

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from rollsight.base.errors import RollsightError
from rollsight.reports.page.language import speak
from rollsight.reports.run.scores.seeds import SeedAccount, Seeds
from rollsight.reports.sweep.page.verdict import judged
from rollsight.workflows.display.notebook import chart
from rollsight.workflows.run import Run
from rollsight.workflows.sweep import Sweep


class Opened(webbrowser.BaseBrowser):
    """A browser that keeps what it is asked to open, and may have no screen."""

    def __init__(self, *, screen: bool) -> None:
        super().__init__("kept")
        self.urls: list[str] = []
        self.screen = screen

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        self.urls.append(url)
        return self.screen


def browser(monkeypatch: pytest.MonkeyPatch, *, screen: bool) -> Opened:
    kept = Opened(screen=screen)
    monkeypatch.setattr(webbrowser, "_browsers", {})
    monkeypatch.setattr(webbrowser, "_tryorder", [])
    webbrowser.register("kept", None, kept, preferred=True)
    return kept


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    return browser(monkeypatch, screen=True)


def file_of(url: str) -> Path:
    return Path(unquote(urlparse(url).path))


def test_the_daily_returns_are_those_of_the_equity_by_date(finished: Run) -> None:
    returns = finished.returns
    assert returns.name == finished.spec.name
    assert returns.index.name == "date"
    assert isinstance(returns.index, pd.DatetimeIndex)
    grown = finished.spec.strategy.cash * (1 + returns).cumprod().to_numpy()
    assert grown == pytest.approx(finished.equity["equity"].to_numpy())


def test_the_summary_has_each_figure_beside_its_range(finished: Run) -> None:
    table = finished.summary()
    assert table.columns.tolist() == ["value", "low", "high", "of"]
    head, buys = finished.numbers.headline, finished.numbers.overall.all_buys
    assert table.loc["Return, net", "value"] == head.strategy.total_return
    edge = table.loc["Precision less base rate"].tolist()
    assert edge == [buys.edge, buys.edge_low, buys.edge_high, "95 % interval"]
    # With one network a window nothing is known of other seeds.
    assert table.loc["Return, net", ["low", "high"]].isna().all()
    assert table.loc["Return, net", "of"] == ""
    accounts = tuple(SeedAccount((n,), -0.1 * n, None, 0.5, -0.2, 9, 9, 0.4) for n in (0, 1))
    numbers = replace(finished.numbers, seeds=Seeds(2, accounts))
    other = replace(finished, numbers=numbers).summary()
    assert other.loc["Return, net", ["low", "high", "of"]].tolist() == [-0.1, 0, "seeds"]
    assert other.loc["A year, net", "of"] == ""


def test_the_figure_draws_account_benchmark_and_drawdown(finished: Run) -> None:
    figure = finished.plot()
    assert isinstance(figure, Figure)
    top, below = figure.axes
    drawn = {str(line.get_label()): line for line in (*top.lines, *below.lines)}
    assert {"Strategy, net of costs", "KS11", "Drawdown"} <= drawn.keys()
    grown = np.cumprod(1 + finished.returns.to_numpy())
    assert np.asarray(drawn["Strategy, net of costs"].get_ydata()) == pytest.approx(grown)
    assert ET.fromstring(figure._repr_svg_()).tag.endswith("svg")


def test_names_in_a_notebook_are_text_and_no_page_no_link(finished: Run) -> None:
    html = finished._repr_html_()
    assert "씨앗 &lt;시험&gt; &amp; run" in html
    assert "<script" not in html
    assert "<a " not in html


def test_a_notebook_shows_verdict_chart_figures_and_a_link_without_a_script(
    finished: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a run"
    out.mkdir()
    (out / "report.html").write_text(finished.html, encoding="utf-8")
    html = replace(finished, out=out)._repr_html_()
    parts = ("<p>", "<svg", "<table>", "<a href=")
    assert list(map(html.index, parts)) == sorted(map(html.index, parts))
    assert f'<a href="{(out / "report.html").as_uri()}"' in html
    ET.fromstring(f"<div>{html}</div>".replace("&#160;", " "))
    # A server of notebooks shows what lies below the notebook, by its path from there.
    monkeypatch.chdir(tmp_path)
    assert '<a href="a%20run/report.html"' in replace(finished, out=out)._repr_html_()


def test_a_sweep_in_a_notebook_begins_with_its_verdict_and_draws_the_chosen_trial(
    swept: Sweep,
) -> None:
    html = swept._repr_html_()
    assert html.startswith(f"<p>{judged(swept.numbers, speak('en'))}".replace("'", "&#x27;"))
    (chosen,) = swept.trials.loc[swept.trials["chosen"], "number"]
    made = (1 + swept.returns[str(chosen)].dropna()).prod() - 1
    assert f"<title>Trial {chosen} {100 * made:+.1f}" in html
    assert "<script" not in html


def test_a_curve_is_broken_where_it_has_no_value() -> None:
    curve = np.array([1.0, 1.1, np.nan, 1.2, 1.0])
    drawn = chart(["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08"],
                  [("<b>", curve, "#000000")])  # fmt: skip
    path = re.findall(r'<path d="([^"]+)"', drawn)[0]
    # 520 across five dates; the height of 150 less 22 above and below for 1.0 to 1.2.
    assert path == "M0.0 128.0L130.0 75.0M390.0 22.0L520.0 128.0"
    assert "<title>&lt;b&gt; +0.0 %</title>" in drawn.replace("\N{NO-BREAK SPACE}", " ")


def test_a_page_that_was_not_written_is_shown_from_a_file_of_its_own(
    finished: Run, opened: Opened
) -> None:
    finished.show()
    assert file_of(opened.urls[0]).read_text(encoding="utf-8") == finished.html


def test_a_page_is_shown_where_it_lies_and_another_is_not_mistaken_for_it(
    finished: Run, opened: Opened, tmp_path: Path
) -> None:
    run, page = replace(finished, out=tmp_path), tmp_path / "report.html"
    page.write_text(finished.html, encoding="utf-8")
    run.show()
    page.write_text("in another language", encoding="utf-8")
    run.show()
    assert file_of(opened.urls[0]) == page
    assert file_of(opened.urls[1]).read_text(encoding="utf-8") == finished.html


def test_without_a_browser_the_file_is_named(
    finished: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = browser(monkeypatch, screen=False)
    with pytest.raises(RollsightError, match=r"there is no browser to open .*report.html with"):
        finished.show()
    assert len(kept.urls) == 1


def test_a_run_without_a_page_says_how_it_is_drawn(finished: Run) -> None:
    with pytest.raises(RollsightError, match="no page was drawn"):
        replace(finished, html="").show()
