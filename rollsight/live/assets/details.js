// One stock: its chart, what was decided before, and what drove the decision.
import { makeChart } from "./chart.js";
import { columnsOf, decision, thresholdText } from "./columns.js";
import { make, number, percent, say, scoreName, told, verdictText, verdictWord } from "./words.js";

const SPANS = [60, 120, 250];

const facts = (rows) => make("dl", {}, ...rows.map(([name, value]) =>
  make("div", {}, make("dt", {}, name), make("dd", {}, value))));

// Names of a window's figures; one that is not among them shows its own.
const figureName = (key) => ({
  train_start: say("Train from"), train_stop: say("Train until"), test_start: say("Test from"),
  test_stop: say("Test until"), train_rows: say("Train rows"), validation_rows: say("Validation rows"),
  validation_buys: say("Validation buys"), validation_dates: say("Validation dates"), validation_precision: say("Precision on validation"),
  validation_base_rate: say("Base rate on validation"), validation_log_loss: say("Log-loss on validation"),
  validation_net_return: say("Net return of a validation buy"), model_weight: say("Weight of the model"),
  skilled: say("Beats the class frequencies"), frequency_log_loss: say("Log-loss of the class frequencies"),
  frequency_down: say("Frequency of DOWN"), frequency_hold: say("Frequency of HOLD"), frequency_up: say("Frequency of UP"),
  no_trade_reason: say("Why it does not trade"),
})[key] ?? key.replaceAll("_", " ");

const SHOWN = new Set(["number", "threshold"]); // elsewhere
const SHARES = /precision|rate|frequency_(down|hold|up)|return|weight|share/;

const figure = (key, value) => {
  if (typeof value === "boolean") return value ? say("yes") : say("no");
  if (typeof value !== "number") return told(value) || "–";
  if (SHARES.test(key)) return percent(value, 1);
  return number(value, Number.isInteger(value) ? 0 : 3);
};

export const makeDetails = ({ store, send, step }) => {
  const ui = {};
  let run = null, code = null, errors = 0, drawn = null, span = SPANS[0];

  const button = (text, label, act) => {
    const made = make("button", { type: "button", "aria-label": label, title: label }, text);
    made.addEventListener("click", act);
    return made;
  };

  const build = () => {
    ui.title = make("h2", { id: "detail-title" });
    ui.lead = make("p", { class: "lead" });
    ui.verdict = make("p", { class: "verdict" });
    ui.fault = make("p", { class: "bad", role: "alert" });
    ui.figures = make("div", { class: "figures" });
    const spans = ui.spans = make("div", { class: "filters", role: "group", "aria-label": say("Sessions shown") });
    for (const n of SPANS) {
      const one = button(String(n), say("{n} sessions", { n }), () => { span = n; press(); redraw(); });
      one.dataset.span = n;
      spans.append(one);
    }
    const press = () => { for (const one of spans.children) one.setAttribute("aria-pressed", String(Number(one.dataset.span) === span)); };
    press();
    const charts = make("div", { class: "charts-host" });
    ui.dialog = make("dialog", { class: "trade detail", "aria-labelledby": "detail-title" },
      make("div", { class: "bar" }, button("‹", say("The row above"), () => go(-1)),
        button("›", say("The row below"), () => go(1)), spans, button("✕", say("Close this"), () => ui.dialog.close())),
      ui.title, ui.lead, ui.verdict, ui.fault, charts, ui.figures);
    document.body.append(ui.dialog);
    ui.chart = makeChart(charts);
    ui.dialog.addEventListener("click", (event) => { if (event.target === ui.dialog) ui.dialog.close(); });
    ui.dialog.addEventListener("close", () => {
      send(["unwatch"]);
      code = null;
    });
  };

  const go = (by) => { const to = step(code, by); if (to && to !== code) show(run, to); };

  const show = (of, wanted) => {
    [run, code, drawn] = [of, wanted, null];
    ui.dialog.scrollTop = 0;
    errors = store.errors.length;
    ui.fault.textContent = "";
    watch();
    redraw();
  };

  const watch = () => { if (code !== null) send(["watch", code], run.name); };
  const redraw = () => { drawn = null; draw(); };

  const gate = () => {
    const { gate: passed, gate_reason: why } = run.window ?? {};
    if (passed) return say("The maps of this window passed their checks.");
    const because = told(why);
    return `${say("The maps of this window did not pass their checks, so this one says nothing of what drove the decision.")}${because ? ` (${because})` : ""}`;
  };

  const lead = () => {
    const chances = run.chances.get(code), parts = [run.session ?? ""];
    parts.push(decision(run, code) || say("no buy"));
    if (chances) parts.push(`p(UP) ${percent(chances[2], 2)}`, `${say("Threshold")} ${thresholdText(run)}`);
    if (run.info.score && run.info.score !== "p_up") parts.push(say("held against it: {score}", { score: scoreName(run.info.score) }));
    return parts.filter(Boolean).join(" · ");
  };

  const figures = () => {
    const own = columnsOf(run, [...store.runs.values()]).filter((c) => c.key !== "name" && c.key !== "decision");
    const holding = (run.account?.positions ?? []).find((p) => p.code === code);
    const order = (run.account?.planned ?? []).find((o) => o.code === code);
    const of = Object.entries(run.window?.figures ?? {}).filter(([key, value]) => value !== null && value !== "" && !SHOWN.has(key)).map(([key, value]) => [figureName(key), figure(key, value)]);
    const mine = own.map((c) => [c.head, c.text(code)]);
    if (holding) mine.push([say("Held"), `${number(holding.shares)} · ${percent(holding.change, 1, true)}`]);
    if (order) mine.push([say("Order for the next open"), `${order.side === "buy" ? say("Buy") : say("Sell")} ${number(order.shares)}`]);
    return [make("h3", {}, say("The stock")), facts(mine),
      ...(of.length ? [make("h3", {}, say("Window {number}", { number: run.window.number })), facts(of)] : [])];
  };

  const draw = () => {
    if (code === null) return;
    run = store.runs.get(run.name) ?? run;
    // A stock that was not decided on now has no map, whatever it had in the session before.
    const map = run.chances.get(code) ? run.heatmaps.get(code) : undefined;
    const detail = run.details.get(code), name = run.info.names[code] ?? code;
    if (store.errors.length > errors) {
      errors = store.errors.length;
      ui.fault.textContent = told(store.errors.at(-1));
    }
    // Drawn anew where something of it is another object than before.
    const now = [ui.fault.textContent, run.name, code, detail, map, run.window, run.chances, run.account, run.verdict, run.buys];
    if (drawn && now.every((one, i) => one === drawn[i])) return;
    drawn = now;
    ui.title.textContent = name === code ? code : `${name} (${code})`;
    ui.lead.textContent = lead();
    ui.lead.classList.toggle("buy", run.buys.has(code));
    ui.verdict.className = `verdict ${run.verdict?.word ?? ""}`;
    ui.verdict.hidden = !run.verdict;
    if (run.verdict) ui.verdict.replaceChildren(make("b", {}, `${verdictWord(run.verdict.word)}.`), ` ${verdictText(run.verdict)}`);
    // A longer span than there is says nothing more.
    for (const [k, one] of [...ui.spans.children].entries()) one.hidden = k > 0 && (detail?.bars.length ?? 0) <= SPANS[k - 1];
    ui.chart.draw({ detail, map, passed: Boolean(run.window?.gate), gate: gate(), span, refused: ui.fault.textContent !== "",
      threshold: !run.info.score || run.info.score === "p_up" });
    ui.figures.replaceChildren(...figures());
  };

  return {
    open(of, wanted) {
      if (!ui.dialog) build();
      if (!ui.dialog.open) ui.dialog.showModal();
      show(of, wanted);
    },
    watch, draw,
  };
};
