// The map of one decision: what each channel of each session said for UP, or against it.
import { paneName } from "./candles.js";
import { draw, say } from "./words.js";

const ROW = 14, TOP = 16; // pixels

export const mapHeight = ({ channels }) => TOP + channels.length * ROW;

const tint = (value, most, passed) => {
  const share = (100 * (Math.abs(value) / most) ** 0.75).toFixed(1);
  return `color-mix(in oklab, var(--${passed ? (value > 0 ? "more" : "less") : "theirs"}) ${share}%, var(--paper))`;
};

// Returns how its cells are found by session and height.
export const drawMap = (svg, axis, { channels, values, session }, { top, passed }) => {
  const g = draw("g", { class: `map ${passed ? "passed" : "grey"}`, "data-session": session ?? "" });
  const lags = values[0]?.length ?? 0, end = axis.place.get(session) ?? axis.bars.length - 1;
  const first = end - lags + 1, most = Math.max(1e-12, ...values.flat().map(Math.abs));
  paneName(g, axis, top + 10, passed ? say("Map: green speaks for UP, brown against it")
    : say("Map, in grey since it did not pass its checks"));
  channels.forEach((channel, c) => {
    const y = top + TOP + c * ROW;
    g.append(draw("text", { x: axis.left - 6, y: y + ROW - 3.5, class: "channel" }, channel));
    values[c].forEach((value, lag) => {
      const i = first + lag;
      if (i < 0) return;
      const cell = draw("rect", { x: (axis.left + i * axis.step).toFixed(2), y, width: (axis.step + 0.3).toFixed(2), height: ROW - 1 });
      cell.style.fill = tint(value, most, passed);
      g.append(cell);
    });
  });
  svg.append(g);
  return {
    channels,
    rowAt(y) {
      const c = Math.floor((y - top - TOP) / ROW);
      return c >= 0 && c < channels.length ? c : null;
    },
    value: (i, c) => values[c]?.[i - first] ?? null,
  };
};
