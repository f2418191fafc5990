// The screen: what the server says is drawn once a frame, whatever came in between.
import { makeAccount } from "./account.js";
import { BELOW, scaleOf, strength } from "./colour.js";
import { columnsOf, shown } from "./columns.js";
import { makeDetails } from "./details.js";
import { makeGrid } from "./grid.js";
import { makeHead } from "./head.js";
import { makeLog } from "./log.js";
import { makeReplay } from "./replay.js";
import { codesOf, makeStore, scoreOf } from "./store.js";
import { stream } from "./stream.js";
import { makeTools } from "./tools.js";
import { number, say } from "./words.js";

const at = (id) => document.getElementById(id);
const store = makeStore();
const wanted = { text: "", only: "all" };
const BURST = 30; // milliseconds: what is said of one decision comes in as many messages as it has parts
let chosen = null, waiting = false, gathering = 0;

const schedule = () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; draw(); });
};

const gather = () => { gathering ||= setTimeout(() => { gathering = 0; schedule(); }, BURST); };

const current = () => store.runs.get(chosen) ?? store.runs.values().next().value ?? null;

const open = (code) => {
  grid.select(code);
  details.open(current(), code);
};
const wire = stream({ heard: (envelope) => hear(envelope), changed: schedule });
const details = makeDetails({ store, send: wire.send, step: (code, by) => grid.step(code, by) });
const head = makeHead({ runs: at("runs"), facts: at("facts"), verdicts: at("verdicts"), alerts: at("alerts"),
  choose: (name) => { chosen = name; schedule(); } });
const tools = makeTools(at("stocks"), wanted, schedule);
const grid = makeGrid(at("stocks"), { open, paint: (element, code, run = current()) => {
  // A scroll may draw rows between a state and the next frame, which gives its runs their scales.
  const share = run.scale ? strength(scoreOf(run, code), run.scale) : 0, bought = run.buys.has(code);
  // An outlier that may not be bought is none, whatever its score.
  element.style.setProperty("--share", `${(100 * (bought ? share : Math.min(share, BELOW))).toFixed(1)}%`);
  element.classList.toggle("buy", bought);
} });
const account = makeAccount(at("account"), open);
const log = makeLog(at("log"));
const replay = makeReplay(at("replay"), wire.send);

const hear = (envelope) => {
  const before = store.states;
  store.hear(envelope);
  // Whoever comes back asks again for what was open.
  if (store.states !== before) details.watch();
  gather();
};

const empty = (all) => {
  if (!store.status && !all) return say("Waiting for the first decision.");
  if (wanted.only === "changed") return say("No stock has become a buy, or ceased to be one, since this screen was opened.");
  if (wanted.only === "buys" && !wanted.text) return say("No stock is a buy in this session.");
  return say("No stock meets the filter.");
};

const draw = () => {
  const run = current();
  head.draw(store, run, wire.state);
  log.draw(store);
  replay.draw(store.status, run);
  if (!run) return;
  for (const one of store.runs.values()) {
    one.scale = scaleOf(codesOf(one).map((code) => scoreOf(one, code)), one.window?.threshold ?? null);
  }
  const all = codesOf(run), rows = all.filter(shown(run, wanted));
  grid.show(columnsOf(run, [...store.runs.values()]), rows, empty(all.length));
  tools.draw(run, say("{shown} of {all} stocks, {buys} to buy",
    { shown: number(rows.length), all: number(all.length), buys: number(run.buys.size) }));
  account.draw(run);
  details.draw();
};

// The age of what is shown grows, whether anything comes or not.
setInterval(schedule, 15_000);
schedule();
