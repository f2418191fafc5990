"""The report: one self-contained HTML page, made from its numbers alone."""

import json
from html import escape
from importlib import resources
from typing import Any

from rollsight.reports import figures
from rollsight.reports.data import data
from rollsight.reports.evidence import evidence
from rollsight.reports.html import (
    NONE,
    Cell,
    figure,
    folded,
    number,
    paragraph,
    percent,
    section,
    signed,
    table,
)
from rollsight.reports.language import speak
from rollsight.reports.saliency import saliency
from rollsight.reports.verdict import verdict

SECTIONS = {
    "evidence": "Predicted beside earned",
    "thresholds": "Thresholds and training",
    "saliency": "Which index drove winners and losers",
    "trades": "Trades",
    "returns": "Returns (QuantStats)",
    "data": "Data: who was there, and what was known when",
    "spec": "Specification and digests",
}


def render(metrics: dict[str, Any], spec_toml: str, sheet: str) -> str:
    """Return the page.

    Parameters
    ----------
    metrics : the numbers, as in metrics.json
    sheet : HTML of the QuantStats tear sheet
    """
    style = (resources.files("rollsight.reports") / "style.css").read_text(encoding="utf-8")
    title = escape(metrics["name"])
    links = "".join(f'<a href="#{key}">{escape(name)}</a>' for key, name in SECTIONS.items())
    body = "".join(
        [
            _head(metrics),
            evidence(metrics),
            _thresholds(metrics),
            saliency(metrics, speak("en")),
            _trades(metrics),
            section("returns", SECTIONS["returns"], sheet),
            data(metrics),
            _spec(metrics, spec_toml),
        ]
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        # An empty icon of its own keeps a browser from asking a server for one.
        f'<link rel="icon" href="data:,"><title>{title}</title><style>{style}</style></head>'
        f"<body><main><h1>{title}</h1>{_subtitle(metrics)}<nav>{links}</nav>{body}</main></body>"
        "</html>\n"
    )


def _subtitle(metrics: dict[str, Any]) -> str:
    head, market = metrics["headline"], metrics["data"]["market"]
    return (
        f'<p class="soft">Out of sample {head["first_session"]} to {head["last_session"]} · '
        f"{metrics['skill']['windows']} walk-forward windows · {market['stocks']} stocks on "
        f"{escape(market['exchange'])} · {len(metrics['data']['ledger'])} indices · "
        f"{head['sessions_per_year']:.0f} sessions a year</p>"
    )


def _head(metrics: dict[str, Any]) -> str:
    head, overall = metrics["headline"], metrics["overall"]
    own, other = head["strategy"], head["benchmark"] or {}
    buys = overall["all_buys"]
    beside = f"{head['benchmark_name']} " if other else "no benchmark "
    tiles = [
        ("Total return, net", percent(own["total_return"], sign=True),
         beside + percent(other.get("total_return"), sign=True)),
        ("A year, net", percent(own["annual_return"], sign=True),
         beside + percent(other.get("annual_return"), sign=True)),
        ("Sharpe ratio", number(own["sharpe"], 2), beside + number(other.get("sharpe"), 2)),
        ("Deepest drawdown", percent(own["max_drawdown"]),
         beside + percent(other.get("max_drawdown"))),
        ("Precision of buys", percent(overall["figures"]["precision"]),
         f"base rate {percent(buys['base_up_of_alike'])}"),
        ("Crucial-fail", percent(overall["figures"]["crucial_fail"]),
         f"base rate {percent(buys['base_down_of_alike'])}"),
        ("Trades", number(head["trades"]), f"{percent(head['profitable'])} with a profit"),
        ("Net return of a trade", percent(overall["taken"]["net_return"], 2, sign=True),
         f"gross {percent(overall['taken']['gross_return'], 2, sign=True)}"),
    ]  # fmt: skip
    boxes = "".join(_tile(*tile) for tile in tiles)
    said = "".join(f'<li class="{tone}">{escape(text)}</li>' for tone, text in verdict(metrics))
    return section(
        "headline",
        "What this run says",
        f'<ul class="verdict">{said}</ul><div class="tiles">{boxes}</div>',
        figure(figures.equity_figure(metrics), "Equity at each close, costs included."),
    )


def _tile(name: str, value: str, beside: str) -> str:
    return (
        f'<div class="tile"><span>{escape(name)}</span><b>{escape(value)}</b>'
        f"<span>{escape(beside)}</span></div>"
    )


def _thresholds(metrics: dict[str, Any]) -> str:
    return section(
        "thresholds",
        SECTIONS["thresholds"],
        figure(
            figures.thresholds_figure(metrics),
            "Precision of the validation buys by threshold, one panel a window (number, start of "
            "its test span). Red: the threshold taken. Dotted: the test span's base rate.",
        ),
        figure(
            figures.losses_figure(metrics),
            "Log-loss by epoch: grey train, blue validation, the dot marks the weights kept. Red "
            "dashes: always forecasting the train frequencies; a window above them has no skill.",
        ),
    )


def _trades(metrics: dict[str, Any]) -> str:
    trades = metrics["trades"]
    by_number = {t["trade"]: t for t in trades["list"]}
    names = [c["name"] for c in metrics["data"]["channels"]]
    parts = []
    for kind, title in (("winners", "Largest winners"), ("losers", "Largest losers")):
        maps = "".join(
            figure(
                figures.map_figure(drawn["contribution"], names),
                _caption(by_number[drawn["trade"]]),
            )
            for drawn in trades[kind]
        )
        if maps:
            parts.append(f'<h3>{title}</h3><div class="maps">{maps}</div>')
    heads = ["Trade", "Code", "Name", "Decided", "Entry", "Exit", "Reason", "Outcome", "Window",
             "Shares", "Entry price", "Exit price", "Gross", "Net", "Profit", "Costs"]  # fmt: skip
    listed = table(heads, [_trade(t) for t in trades["list"]], texts=8)
    parts.append(f"<h3>All {number(len(trades['list']))} trades</h3>{listed}")
    if not trades["list"]:
        parts = [paragraph("There was no trade.")]
    else:
        parts.insert(
            0,
            paragraph(
                "Each map shows what every input of the trade's row added to (green) or took from "
                "(brown) the log-odds of UP. Prices are before slippage, net returns after all "
                "costs."
            ),
        )
    return section("trades", SECTIONS["trades"], *parts)


def _caption(trade: dict[str, Any]) -> str:
    tone = "good" if trade["net_return"] > 0 else "bad"
    code = "" if trade["name"] == trade["code"] else f" ({escape(trade['code'])})"
    return (
        f"<b>{escape(trade['name'])}</b>{code}, decided {trade['decided_at']}: "
        f'<b class="{tone}">{percent(trade["net_return"], sign=True)}</b>'
    )


def _trade(t: dict[str, Any]) -> list[Cell | str]:
    return [
        str(t["trade"]), t["code"], t["name"], t["decided_at"], t["entry_at"], t["exit_at"],
        t["exit_reason"], t["outcome"] or NONE, str(t["window"]), number(t["shares"]),
        number(t["entry_price"], 2), number(t["exit_price"], 2), signed(t["gross_return"]),
        signed(t["net_return"]), number(t["profit"]),
        number(t["commission"] + t["tax"] + t["slippage"]),
    ]  # fmt: skip


def _spec(metrics: dict[str, Any], spec_toml: str) -> str:
    head = metrics["headline"]
    checks = (
        f"Equity agrees with the accounts recomputed from orders and prices to "
        f"{head['equity_residual']:.0e} {head['currency']}."
    )
    if head["label_is_trade"] is not None:
        checks += (
            " Trades held to the horizon whose gross return is exactly their label's return: "
            f"{percent(head['label_is_trade'], 0)}."
        )
    digests = json.dumps(metrics["digests"], indent=1)
    return section(
        "spec",
        SECTIONS["spec"],
        paragraph(checks),
        f"<pre>{escape(spec_toml)}</pre>",
        folded("Digests and versions", f"<pre>{escape(digests)}</pre>"),
    )
