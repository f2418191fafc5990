// The account: what it holds, what it will ask for at the next open, what became of the last orders.
import { nextOf } from "./store.js";
import { DASH, draw, make, money, number, percent, price, say, told } from "./words.js";

const WIDE = 300, TALL = 56;

const curveOf = (curve) => {
  const values = curve.map(([, equity]) => equity), low = Math.min(...values), high = Math.max(...values);
  const x = (i) => 2 + i / Math.max(1, curve.length - 1) * (WIDE - 4);
  const y = (v) => TALL - 4 - (v - low) / (high - low || 1) * (TALL - 8);
  // A point a pixel is enough.
  const every = Math.max(1, Math.floor(curve.length / WIDE));
  const line = values.map((v, i) => [x(i), y(v), i]).filter(([, , i]) => i % every === 0 || i === values.length - 1)
    .map(([a, b], k) => `${k ? "L" : "M"}${a.toFixed(1)} ${b.toFixed(1)}`).join("");
  const label = say("Equity from {first} to {last}", { first: curve[0][0], last: curve.at(-1)[0] });
  const svg = draw("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, class: "curve", role: "img", "aria-label": label });
  svg.append(draw("line", { x1: 2, x2: WIDE - 2, y1: y(values[0]), y2: y(values[0]), class: "begin" }),
    draw("path", { d: line }), draw("circle", { cx: x(values.length - 1), cy: y(values.at(-1)), r: 2.5 }));
  return make("figure", {}, svg, make("figcaption", {}, `${curve[0][0]} – ${curve.at(-1)[0]}`));
};

export const makeAccount = (host, open) => {
  let before = null, run = null;

  const named = (code) => {
    const name = run.info.names[code] ?? code;
    const button = make("button", { type: "button", class: "link", title: code }, name);
    button.addEventListener("click", () => open(code));
    return button;
  };
  const side = (order) => (order.side === "buy" ? `▲ ${say("Buy")}` : `▽ ${say("Sell")}`);

  const table = (title, heads, rows, none) => {
    const parts = [make("h3", {}, rows.length ? `${title} (${number(rows.length)})` : title)];
    if (!rows.length) parts.push(make("p", { class: "soft" }, none));
    else {
      const top = make("tr", {}, ...heads.map((h) => make("th", { scope: "col" }, h)));
      parts.push(make("table", { "aria-label": title, class: heads.at(-1) === say("Why") || heads.at(-1) === say("Price") ? "why" : "" }, make("thead", {}, top), make("tbody", {},
        ...rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell)))))));
    }
    return parts;
  };

  const planned = ({ planned: orders = [] }, next) => table(
    next ? say("Orders for the open of {day}", { day: next }) : say("Orders for the next open"),
    [say("Stock"), say("Order"), say("Shares"), say("Last close")],
    orders.map((o) => [named(o.code), side(o), number(o.shares), price(o.close)]), say("None."));

  const outcome = (o) => (o.filled > 0 ? price(o.price) : told(o.reason) || told(o.status));
  const filled = ({ filled: orders = [] }) => table(say("Filled in this session"),
    [say("Stock"), say("Order"), say("Shares"), say("Price")],
    orders.map((o) => [named(o.code), side(o), o.filled === o.shares ? number(o.shares)
      : say("{n} of {all}", { n: number(o.filled ?? 0), all: number(o.shares) }), outcome(o)]), say("None."));

  const refused = ({ refused: reasons = {} }) => table(say("Buys that become no order"), [say("Stock"), say("Why")],
    Object.entries(reasons).flatMap(([why, codes]) => codes.map((code) => [named(code), told(why)])), say("None."));

  const positions = ({ positions: rows = [] }) => table(say("Positions"),
    [say("Stock"), say("Since"), say("Shares"), say("Market value"), say("Change")],
    rows.map((p) => [named(p.code), p.entry_at ?? DASH, number(p.shares), number(p.value), percent(p.change, 1, true)]),
    say("None."));

  const promise = ({ promise: kept }) => {
    if (!kept) return [];
    const { sessions, low, high, within } = kept;
    if (within === null) return [make("p", { class: "promise" }, say("The backtest is too short to say what it promised for {n} sessions.", { n: sessions }))];
    const word = within ? say("Live is within what the backtest promised") : say("Live is outside what the backtest promised");
    const span = say("Of its stretches of {n} sessions nine in ten ended between {low} and {high}.",
      { n: number(sessions), low: percent(low, 1, true), high: percent(high, 1, true) });
    return [make("p", { class: `promise ${within ? "good" : "bad"}` }, make("b", {}, `${word}.`), ` ${span}`)];
  };

  const late = ({ late: sessions }) => (sessions
    ? [make("p", { class: "soft" }, say("Sessions decided when later prices were there already: {n}.", { n: number(sessions) }))] : []);

  const tiles = (account) => {
    const coin = (value) => (run.info.currency ? money(value, run.info.currency) : number(value));
    const tile = (name, value) => make("div", {}, make("dt", {}, name), make("dd", {}, value));
    return make("dl", { class: "sums" }, tile(say("Equity"), coin(account.equity)),
      tile(say("Return"), percent(account.return, 2, true)), tile(say("Cash"), coin(account.cash)));
  };

  const title = ({ kind, since }) => (kind === "paper"
    ? say("Paper account since {day}", { day: since ?? DASH }) : say("Account of the run"));

  return { draw(of) {
    // Names tell the rows, so that both count.
    const key = of.account;
    if (key === before && of === run) return;
    before = key;
    run = of;
    const account = of.account;
    host.hidden = !account;
    if (!account) return;
    const parts = [make("h2", {}, title(account)), tiles(account), ...promise(account), ...late(account)];
    if (account.curve?.length > 1) parts.push(curveOf(account.curve));
    host.replaceChildren(...parts, ...planned(account, nextOf(of)), ...filled(account), ...refused(account), ...positions(account));
  } };
};
