// Prices, probabilities and map of one stock, one above the other on the same sessions.
import { drawCandles } from "./candles.js";
import { drawChances } from "./chances.js";
import { drawMap, mapHeight } from "./map.js";
import { draw, make, percent, price, say } from "./words.js";

const PRICES = 250, CHANCES = 120, GAP = 22, FOOT = 20, RIGHT = 56; // pixels

export const makeChart = (host) => {
  const readout = make("p", { class: "readout", "aria-live": "polite" });
  const box = make("div", { class: "panesbox", tabindex: 0, role: "group",
    "aria-label": say("Chart: left and right move along the sessions") });
  const gate = make("p", { class: "gate" }), waiting = make("p", { class: "soft" });
  host.append(readout, waiting, box, gate);
  let shown = null, wide = 0, axis = null, hair = null, at = null, row = null;

  const axisOf = ({ detail, map, span }) => {
    const { bars } = detail, lags = map?.values[0]?.length ?? 0;
    const kept = bars.slice(-Math.max(span, Math.min(lags, bars.length)));
    const width = Math.max(300, wide || box.clientWidth), longest = Math.max(4, ...(map?.channels ?? []).map((c) => c.length));
    const left = Math.min(width < 560 ? 62 : 120, 10 + 6.6 * longest), step = (width - left - RIGHT) / kept.length;
    const place = new Map(kept.map(([session], i) => [session, i]));
    return { bars: kept, place, left, right: width - RIGHT, width, step, x: (i) => left + (i + 0.5) * step };
  };

  const foot = (svg, y) => {
    const n = axis.bars.length, every = Math.max(1, Math.ceil(n * 84 / (axis.right - axis.left)));
    for (let i = n - 1; i >= 0; i -= every) {
      const x = axis.x(i);
      if (x < axis.left + 30) break;
      svg.append(draw("text", { x, y, "text-anchor": i === n - 1 ? "end" : "middle", class: "day" }, axis.bars[i][0]));
    }
  };

  const paint = () => {
    const { detail, map, passed } = shown;
    waiting.textContent = detail?.bars?.length ? "" : say("Waiting for the chart.");
    gate.hidden = !detail?.bars?.length;
    if (!detail?.bars?.length) {
      [axis, hair] = [null, null]; // before the pointer is told that what it stood on is gone
      box.replaceChildren();
      return;
    }
    axis = axisOf(shown);
    const tall = map ? mapHeight(map) : 0, height = PRICES + GAP + CHANCES + (map ? GAP + tall : 0) + FOOT;
    const svg = draw("svg", { width: axis.width, height, viewBox: `0 0 ${axis.width} ${height}`, class: "panes",
      role: "img", "aria-label": say("Prices, probabilities and map by session") });
    drawCandles(svg, axis, detail, { top: 0, height: PRICES });
    drawChances(svg, axis, detail, { top: PRICES + GAP, height: CHANCES, threshold: shown.threshold });
    axis.map = null;
    if (map) axis.map = drawMap(svg, axis, map, { top: PRICES + CHANCES + 2 * GAP, passed });
    foot(svg, height - 6);
    hair = draw("line", { y1: 0, y2: height - FOOT, class: "crosshair", visibility: "hidden" });
    svg.append(hair);
    box.replaceChildren(svg);
    gate.textContent = map ? shown.gate : shown.refused ? say("There is no map of this decision.") : say("Waiting for the map.");
    gate.className = `gate ${map && shown.passed ? "" : "grey"}`;
    point(at !== null && at < axis.bars.length ? at : axis.bars.length - 1, at !== null);
  };

  const part = (name, value, kind = "") => make("span", { class: kind }, make("i", {}, name), ` ${value}`);

  // What all three say of one session.
  const point = (i, crossed = true) => {
    const [session, open, high, low, close, volume] = axis.bars[i];
    const decided = shown.detail.decisions.find(([day]) => day === session);
    const parts = [make("b", {}, session), part(say("Open"), price(open)), part(say("High"), price(high)),
      part(say("Low"), price(low)), part(say("Price"), price(close)), part(say("Volume"), price(volume))];
    if (decided) {
      const [, down, hold, up, threshold, buy] = decided;
      parts.push(part("p(UP)", percent(up, 2), "more"), part("p(HOLD)", percent(hold, 2)), part("p(DOWN)", percent(down, 2), "less"));
      if (threshold !== null && shown.threshold) parts.push(part(say("Threshold"), percent(threshold, 2)));
      if (buy) parts.push(make("b", {}, `▲ ${say("Buy")}`));
    }
    if (axis.map && row !== null) {
      const value = axis.map.value(i, row);
      if (value !== null) parts.push(part(axis.map.channels[row], `${value >= 0 ? "+" : ""}${value.toFixed(4)}`));
    }
    readout.replaceChildren(...parts);
    hair.setAttribute("x1", axis.x(i));
    hair.setAttribute("x2", axis.x(i));
    hair.setAttribute("visibility", crossed ? "visible" : "hidden");
  };

  const last = () => { [at, row] = [null, null]; if (axis && hair) point(axis.bars.length - 1, false); };

  box.addEventListener("pointermove", (event) => {
    const frame = box.firstElementChild?.getBoundingClientRect();
    if (!frame) return;
    const i = Math.floor((event.clientX - frame.left - axis.left) / axis.step);
    if (i < 0 || i >= axis.bars.length) { last(); return; }
    at = i;
    row = axis.map ? axis.map.rowAt(event.clientY - frame.top) : null;
    point(i);
  });
  box.addEventListener("pointerleave", last);
  box.addEventListener("blur", last);
  box.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || !axis || !hair) return;
    event.preventDefault();
    event.stopPropagation();
    const n = axis.bars.length;
    at = Math.max(0, Math.min(n - 1, (at ?? n - 1) + by));
    point(at);
  });
  // To ask for the width with every decision would lay the whole page out.
  new ResizeObserver(([{ contentRect }]) => {
    wide = Math.round(contentRect.width);
    // In a frame of its own: what an observer changes, it must not see in the same one.
    if (wide && shown && axis && Math.abs(wide - axis.width) > 1) requestAnimationFrame(paint);
  }).observe(box);

  return { draw(what) { shown = what; paint(); } };
};
