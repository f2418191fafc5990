"""What the numbers say, in sentences: the plain truth at the top of the page."""

from typing import Any

from rollsight.reports.html import number, percent


def verdict(metrics: dict[str, Any]) -> list[tuple[str, str]]:
    """Return (tone, sentence) pairs; tone is ``good``, ``bad`` or empty."""
    return [
        *_join(metrics["data"]),
        _skill(metrics["skill"]),
        _precision(metrics["overall"]),
        *_money(metrics),
        *_warnings(metrics),
    ]


def _join(data: dict[str, Any]) -> list[tuple[str, str]]:
    if data["join"] == "as-of":
        return []
    return [
        (
            "bad",
            "Indices are joined by date, known by then or not (features.join): this run sees the "
            "future, and nothing below could have been earned.",
        )
    ]


def _skill(skill: dict[str, Any]) -> tuple[str, str]:
    ours, theirs = skill["log_loss"], skill["frequency_log_loss"]
    counted = (
        f"{skill['skilled']} of {skill['windows']} windows beat the class frequencies on "
        f"validation; {skill['trading']} trade."
    )
    if ours is None:
        return "", f"{counted} No test row has a label yet."
    said = (
        f"{counted} Out of sample the log-loss of all windows is {ours:.3f}, that of always "
        f"forecasting each window's class frequencies {theirs:.3f}"
    )
    low, high = skill["gain_low"], skill["gain_high"]
    if low is None:
        return "", f"{said}."
    span = f"95 % interval of the gain {low:+.3f} to {high:+.3f}"
    return _judged(said, low, high, span, worse="worse than knowing nothing of the day")


def _precision(overall: dict[str, Any]) -> tuple[str, str]:
    buys = overall["all_buys"]
    if buys["precision"] is None:
        return "", "There was no buy with a settled label: precision does not exist for this run."
    said = (
        f"Of {number(buys['labelled'])} buys with a settled label {percent(buys['precision'])} "
        f"went UP; of the other stocks on the same dates {percent(buys['base_up_of_date'])} did, "
        f"of those as volatile {percent(buys['base_up_of_alike'])}"
    )
    low, high = buys["edge_low"], buys["edge_high"]
    if low is None:
        return "", f"{said}. Too few dates for an interval."
    span = f"95 % interval of the edge {percent(low, sign=True)} to {percent(high, sign=True)}"
    return _judged(said, low, high, span, worse="worse than choosing at random")


def _judged(said: str, low: float, high: float, span: str, *, worse: str) -> tuple[str, str]:
    """Return a sentence ended by what the interval of a gain allows one to say."""
    if low <= 0 <= high:
        return "bad", f"{said}: within luck ({span})."
    if low > 0:
        return "good", f"{said}: more than luck alone explains ({span})."
    return "bad", f"{said}: {worse} ({span})."


def _money(metrics: dict[str, Any]) -> list[tuple[str, str]]:
    head = metrics["headline"]
    if not head["trades"]:
        return [("", "No trade was made: the equity is the cash it started with.")]
    own, other = head["strategy"], head["benchmark"]
    said = (
        f"{number(head['trades'])} trades turned {number(head['cash'])} into "
        f"{number(head['final_equity'])} {head['currency']}: {percent(own['total_return'])} net of "
        "costs"
    )
    if other is None:
        return [("", f"{said}.")]
    ahead = own["total_return"] > other["total_return"]
    costs = head["commission"] + head["tax"] + head["slippage"]
    return [
        (
            "good" if ahead else "bad",
            f"{said}, where holding {head['benchmark_name']} made "
            f"{percent(other['total_return'])}.",
        ),
        (
            "",
            f"Before costs the trades made {number(head['gross_profit'])} {head['currency']}; "
            f"commission, tax and slippage took {number(costs)}.",
        ),
    ]


def _warnings(metrics: dict[str, Any]) -> list[tuple[str, str]]:
    market = metrics["data"]["market"]
    said = _universe(metrics)
    if market["closes_only"]:
        said.append(
            "The market folder has closes only: open, high and low equal the close, so a buy "
            "decided at a close fills at the next close."
        )
    said += [*market["notes"], *_endings(metrics)]
    known = {s["symbol"] for s in metrics["data"]["ledger"]}
    lost = [x for x in metrics["data"]["losses"] if x["rows"]]
    of_index = [f"{x['series']} {percent(x['share'])}" for x in lost if x["series"] in known]
    if of_index:
        said.append(f"Rows lost because an index had no fresh value: {', '.join(of_index)}.")
    of_stock = sorted((x["rows"], x["series"]) for x in lost if x["series"] not in known)
    if of_stock:
        rows, worst = of_stock[-1]
        said.append(
            f"Rows lost to holes in stocks' own closes: {number(sum(n for n, _ in of_stock))}, in "
            f"{len(of_stock)} stocks, most in {worst} ({number(rows)})."
        )
    return [("", sentence) for sentence in said]


def _universe(metrics: dict[str, Any]) -> list[str]:
    survivors = metrics["data"]["universe"]["survivors"]
    if survivors is None:
        return []
    own = metrics["headline"]["strategy"]["total_return"]
    return [
        f"With the {number(survivors['names'])} of {number(survivors['names_of_all'])} names that "
        f"were never delisted alone, the same models would have shown a precision of "
        f"{percent(survivors['precision'])} and {percent(survivors['total_return'])} net, where "
        f"all names made {percent(own)}."
    ]


def _endings(metrics: dict[str, Any]) -> list[str]:
    said = []
    head, gone = metrics["headline"], metrics["exits"].get("delisted", 0)
    if gone:
        said.append(
            f"Delisting ended {gone} holdings, at the terminal value that the specification sets."
        )
    old = head["stale_holdings"]
    if old["holdings"]:
        said.append(
            f"{old['holdings']} holdings at the end have had no price for long and still count as "
            f"{number(old['value'])} {head['currency']} of the equity."
        )
    return said
