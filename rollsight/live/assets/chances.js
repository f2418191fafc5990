// The three probabilities of every decision, and the threshold that stood then.
import { gridLine, paneName, scale, ticks } from "./candles.js";
import { draw, percent, say } from "./words.js";

const LEAST = 0.05; // of the axis
const LINES = [["hold", 2], ["down", 1], ["up", 3]];

// A line, broken where nothing was decided.
const pathOf = (points, y, steps = false) => {
  let text = "", last = null;
  for (const [i, x, value] of points) {
    if (value === null) { last = null; continue; }
    if (last === null || i !== last + 1) text += `M${x.toFixed(1)} ${y(value).toFixed(1)}`;
    else text += steps ? `H${x.toFixed(1)}V${y(value).toFixed(1)}` : `L${x.toFixed(1)} ${y(value).toFixed(1)}`;
    last = i;
  }
  return text;
};

export const drawChances = (svg, axis, { decisions }, { top, height, threshold }) => {
  const g = draw("g", { class: "chances" });
  const known = decisions.map((d) => [axis.place.get(d[0]), d]).filter(([i]) => i !== undefined);
  const values = known.flatMap(([, d]) => [d[1], d[2], d[3], threshold ? d[4] : null]).filter(Number.isFinite);
  // Confidences may lie close together: the axis spans them, and five hundredths at least.
  const [least, most] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const pad = Math.max((most - least) * 0.08, (LEAST - (most - least)) / 2);
  const [low, high] = [Math.max(0, least - pad), Math.min(1, most + pad)];
  const bottom = top + height, y = scale(low, high, top + 16, bottom);
  for (const v of ticks(low, high, 3)) gridLine(g, axis, y(v), percent(v, high - low < 0.1 ? 1 : 0));
  paneName(g, axis, top + 10, threshold ? say("Probabilities: UP thick, DOWN thin, HOLD dotted, threshold dashed")
    : say("Probabilities: UP thick, DOWN thin, HOLD dotted"));
  for (const [name, at] of LINES) {
    g.append(draw("path", { d: pathOf(known.map(([i, d]) => [i, axis.x(i), d[at]]), y), class: `line ${name}` }));
  }
  if (threshold) g.append(draw("path", { d: pathOf(known.map(([i, d]) => [i, axis.x(i), d[4]]), y, true), class: "line threshold" }));
  for (const [i, d] of known) {
    if (d[5]) g.append(draw("circle", { cx: axis.x(i), cy: y(d[3]), r: 3, class: "bought" }));
  }
  svg.append(g);
};
