// The columns of the table: what each says of a stock, how wide it is, and which a phone shows.
import { held, scoreOf } from "./store.js";
import { DASH, number, percent, price, say, scoreName } from "./words.js";

const QUOTES = { open: 0, high: 1, low: 2, close: 3, volume: 4, change: 5 };

const quoted = (run, code, key) => run.quotes.get(code)?.[QUOTES[key]] ?? null;
// Two decimals: confidences often lie close to each other, and to the threshold.
const chance = (value) => (value === null || value === undefined ? DASH : number(100 * value, 2));

// Buy, or nothing: a word and a mark, since not everybody sees the colour.
export const decision = (run, code) => {
  if (run.buys.has(code)) return `▲ ${run.moved.has(code) ? say("New buy") : say("Buy")}`;
  if (!run.chances.get(code)) return say("undecided");
  return run.moved.has(code) ? say("no more") : "";
};

// Of buys the best first, then of the others: what is undecided comes last.
const rank = (run, code) => {
  const score = scoreOf(run, code);
  return score === null ? null : score + (run.buys.has(code) ? 4 : 0);
};

export const columnsOf = (run, runs) => {
  const { score, baselines = [] } = run.info, threshold = run.window?.threshold ?? null;
  const further = runs.filter((other) => other !== run);
  const quote = (key, head, need) => ({ key, head, need, wide: 60, falling: true,
    value: (code) => quoted(run, code, key), text: (code) => price(quoted(run, code, key)) });
  const share = (key, head, at, need) => ({ key, head, need, wide: 60, falling: true,
    value: (code) => run.chances.get(code)?.[at] ?? null, text: (code) => chance(run.chances.get(code)?.[at]) });
  const said = [...new Set([...baselines, ...run.baselines.keys()])].map((name) => ({
    key: `baseline ${name}`, head: name, need: 6, wide: 72, falling: true,
    title: say("What the baseline {name} says: p(UP), marked where it buys", { name }),
    value: (code) => run.baselines.get(name)?.chances.get(code) ?? null,
    text: (code) => marked(run.baselines.get(name), code) }));
  return [
    { key: "decision", head: say("Decision"), need: 1, wide: 80, kept: true, words: true, value: (code) => rank(run, code),
      falling: true, text: (code) => decision(run, code) },
    { key: "code", head: say("Code"), need: 5, wide: 54, kept: true, words: true, value: (code) => code, text: (code) => code },
    { key: "name", head: say("Name"), need: 0, wide: 112, kept: true, words: true, grows: true,
      value: (code) => run.info.names[code] ?? code, text: (code) => run.info.names[code] ?? code },
    ...(further.length ? [agreement(runs)] : []),
    quote("open", say("Open"), 9), quote("high", say("High"), 9), quote("low", say("Low"), 9),
    quote("close", say("Price"), 3),
    { ...quote("change", say("Change"), 6), wide: 58, title: say("Change since the close before"),
      text: (code) => percent(quoted(run, code, "change"), 2, true) },
    { ...quote("volume", say("Volume"), 8), wide: 78, text: (code) => number(quoted(run, code, "volume")) },
    { ...share("p_down", "p(DOWN) %", 0, 7), wide: 76 }, { ...share("p_hold", "p(HOLD) %", 1, 7), wide: 73 },
    { ...share("p_up", "p(UP) %", 2, 2), wide: 62, strong: true },
    ...(score && score !== "p_up" ? [{ key: "score", head: scoreName(score), need: 3, wide: 84, falling: true, strong: true,
      value: (code) => scoreOf(run, code), text: (code) => scoreText(run, scoreOf(run, code)) }] : []),
    { key: "threshold", head: say("Threshold"), need: 8, wide: 70, falling: true,
      value: () => threshold, text: () => thresholdText(run) },
    ...further.map(beside), ...said,
  ];
};

// What is held against the threshold, or the threshold: per cent where it is a probability, and of a
// place, which counts down from 0, 1 for the best of the date.
export const scoreText = (run, value) => {
  if (value === null || value === undefined) return DASH;
  if (run.info.score?.startsWith("place")) return number(1 - value);
  return !run.info.score || run.info.score === "p_up" ? percent(value, 2) : number(value, 4);
};

export const thresholdText = (run) => scoreText(run, run.window?.threshold);

const marked = (table, code) => {
  const value = table?.chances.get(code) ?? null;
  return value === null ? DASH : `${table.buys.has(code) ? "▲ " : ""}${number(100 * value, 2)}`;
};

// A further run.
const beside = (other) => {
  const value = (code) => other.chances.get(code)?.[2] ?? null;
  return { key: `run ${other.name}`, head: other.name, need: 5, wide: 74, falling: true, run: other, value,
    title: say("p(UP) of {name}, marked where it buys", { name: other.name }),
    text: (code) => `${other.buys.has(code) ? "▲ " : ""}${chance(value(code))}` };
};

// How many of all runs that decided on a stock buy it.
const agreement = (runs) => {
  const votes = (code) => runs.filter((one) => one.buys.has(code)).length;
  const asked = (code) => runs.filter((one) => one.chances.get(code)).length;
  return { key: "agreement", head: say("Agreement"), need: 4, wide: 78, falling: true, words: true, value: votes,
    text: (code) => (asked(code) ? say("{n} of {all} buy", { n: votes(code), all: asked(code) }) : DASH) };
};

// On a narrow screen as many as fit, those that are needed most first; the rest stands in details.
export const fitting = (columns, width) => {
  let left = width;
  const kept = new Set();
  for (const column of [...columns].sort((a, b) => a.need - b.need)) {
    const wide = column.key === "name" ? 110 : column.wide;
    if (wide > left) break;
    left -= wide;
    kept.add(column.key);
  }
  return columns.filter((column) => kept.has(column.key));
};

export const shown = (run, { text, only }) => {
  const wanted = text.trim().toLowerCase(), mine = only === "held" ? held(run) : null;
  return (code) => {
    if (only === "buys" && !run.buys.has(code)) return false;
    if (mine && !mine.has(code)) return false;
    if (only === "changed" && !run.moved.has(code)) return false;
    return !wanted || code.toLowerCase().includes(wanted)
      || (run.info.names[code] ?? "").toLowerCase().includes(wanted);
  };
};
