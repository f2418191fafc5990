// Candlesticks with volumes, what was decided before and what was traded.
import { draw, number, percent, price, say } from "./words.js";

const VOLUME = 38; // pixels

export const scale = (low, high, top, bottom) => {
  const span = high - low || Math.abs(high) || 1;
  return (value) => bottom - (value - low) / span * (bottom - top);
};

// About four round numbers between two.
export const ticks = (low, high, most = 4) => {
  const raw = (high - low) / most || 1, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 2.5, 5, 10].find((m) => m * power >= raw);
  const found = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) found.push(v);
  return found;
};

export const gridLine = (g, axis, y, text) => {
  g.append(draw("line", { x1: axis.left, x2: axis.right, y1: y, y2: y, class: "rule" }),
    draw("text", { x: axis.right + 6, y: y + 3.5, class: "scale" }, text));
};

export const paneName = (g, axis, y, text) =>
  g.append(draw("text", { x: axis.left, y, class: "pane" }, text));

const candle = (g, axis, i, [, open, high, low, close], y) => {
  if (close === null) return;
  const x = axis.x(i), wide = Math.max(1, Math.min(12, axis.step * 0.66));
  const from = open ?? close, kind = close >= from ? "rise" : "fall";
  g.append(draw("line", { x1: x, x2: x, y1: y(high ?? close), y2: y(low ?? close), class: `wick ${kind}` }));
  const top = Math.min(y(from), y(close));
  g.append(draw("rect", { x: x - wide / 2, y: top, width: wide, height: Math.max(1, Math.abs(y(from) - y(close))),
    class: `body ${kind}` }));
};

const trade = (g, axis, [entry, exit, paid, got, net], y) => {
  const from = axis.place.get(entry), to = exit === null ? axis.bars.length - 1 : axis.place.get(exit);
  if (to === undefined) return;
  const ending = exit === null ? axis.bars.at(-1)[4] : got;
  const kind = `held ${net === null || net === undefined || exit === null ? "open" : net > 0 ? "more" : "less"}`;
  const x1 = from === undefined ? axis.left : axis.x(from);
  g.append(draw("line", { x1, y1: y(from === undefined ? ending : paid), x2: axis.x(to), y2: y(ending), class: kind }));
  if (from !== undefined) g.append(draw("circle", { cx: x1, cy: y(paid), r: 4, class: `mark ${kind}` }));
  if (exit === null) return;
  const label = draw("title", {}, say("{entry} to {exit}: {net}", { entry, exit, net: percent(net, 2, true) }));
  const end = draw("rect", { x: axis.x(to) - 3.5, y: y(ending) - 3.5, width: 7, height: 7, class: `mark ${kind}` });
  end.append(label);
  g.append(end);
};

export const drawCandles = (svg, axis, { decisions, trades }, { top, height }) => {
  const g = draw("g", { class: "candles" }), values = axis.bars.flatMap(([, o, h, l, c]) => [o, h, l, c]).filter(Number.isFinite);
  const low = Math.min(...values), high = Math.max(...values), pad = (high - low || 1) * 0.08;
  const bottom = top + height - VOLUME - 8, y = scale(low - pad, high + pad, top + 16, bottom);
  for (const v of ticks(low, high)) gridLine(g, axis, y(v), price(v));
  paneName(g, axis, top + 10, `${say("Price")} · ${say("▲ decided to buy, ● bought, ■ sold")}`);
  const most = Math.max(1, ...axis.bars.map((bar) => bar[5] ?? 0)), foot = top + height;
  axis.bars.forEach((bar, i) => {
    const tall = (bar[5] ?? 0) / most * VOLUME;
    g.append(draw("rect", { x: axis.x(i) - axis.step * 0.33, y: foot - tall, width: axis.step * 0.66, height: tall, class: "volume" }));
    candle(g, axis, i, bar, y);
  });
  g.append(draw("text", { x: axis.right + 6, y: foot - VOLUME + 8, class: "scale" }, number(most, 0).length > 9 ? `${number(most / 1e6, 1)} M` : number(most)));
  for (const [session, , , , , buy] of decisions) {
    const i = axis.place.get(session);
    if (!buy || i === undefined) continue;
    const x = axis.x(i), under = y(axis.bars[i][3] ?? axis.bars[i][4]) + 5;
    g.append(draw("path", { d: `M${x} ${under}l4 7h-8z`, class: "decided" }));
  }
  for (const one of trades) trade(g, axis, one, y);
  svg.append(g);
};
