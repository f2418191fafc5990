// The panel of one trade: its price, probabilities, money and map.
(() => {
  const { make, draw, percent, money } = rollsight;
  const WIDE = 640, TALL = 230, EDGE = { left: 62, right: 12, top: 14, bottom: 24 };
  let panel = null, current = null;

  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

  const pathOf = ({ paths }, i) => {
    const raw = new DataView(bytes(paths.close[i]).buffer);
    const found = [];
    for (let k = 0; 2 * k < raw.byteLength; k++) {
      const value = raw.getUint16(2 * k, true);
      if (value) found.push({ day: paths.sessions[paths.from[i] + k], at: k, close: value / 65535 * paths.top[i] });
    }
    return found;
  };

  const price = (facts, words, i) => {
    const of = (key) => facts.columns[key][i], say = words.say, path = pathOf(facts, i);
    if (path.length < 2) return make("p", { class: "soft" }, say.nopath);
    const start = facts.paths.from[i];
    const session = (day) => facts.paths.sessions.indexOf(day, start) - start;
    const bounds = ["band_down", "band_up"].map((key) => of("entry_price") * (1 + (of(key) ?? NaN)));
    const all = [...path.map((p) => p.close), of("entry_price"), of("exit_price"), ...bounds].filter(Number.isFinite);
    const low = Math.min(...all), high = Math.max(...all), span = high - low || 1, last = path.at(-1).at || 1;
    const limits = [low - 0.06 * span, high + 0.06 * span];
    const x = (at) => EDGE.left + at / last * (WIDE - EDGE.left - EDGE.right);
    const y = (v) => TALL - EDGE.bottom - (v - limits[0]) / (limits[1] - limits[0]) * (TALL - EDGE.top - EDGE.bottom);
    const svg = draw("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, class: "path", role: "img", "aria-label": say.path });
    const [decided, entry, exit] = ["decided_at", "entry_at", "exit_at"].map((key) => session(of(key)));
    if (bounds.every(Number.isFinite)) {
      svg.append(draw("rect", { x: x(entry), width: Math.max(x(exit) - x(entry), 1), y: y(bounds[1]), class: "band",
        height: y(bounds[0]) - y(bounds[1]) }));
    }
    for (let k = 0; k < 4; k++) {
      const value = low + span * k / 3;
      svg.append(draw("line", { x1: EDGE.left, x2: WIDE - EDGE.right, y1: y(value), y2: y(value), class: "grid" }),
        draw("text", { x: EDGE.left - 6, y: y(value) + 3, "text-anchor": "end" },
          rollsight.number(value, value < 1000 ? 2 : 0)));
    }
    const line = path.map((p, k) => `${k ? "L" : "M"}${x(p.at).toFixed(1)} ${y(p.close).toFixed(1)}`).join("");
    svg.append(draw("line", { x1: x(decided), x2: x(decided), y1: EDGE.top, y2: TALL - EDGE.bottom, class: "decided" }),
      draw("path", { d: line, class: "close" }));
    const tone = of("net_return") > 0 ? "more" : "less";
    svg.append(draw("line", { x1: x(entry), y1: y(of("entry_price")), x2: x(exit), y2: y(of("exit_price")), class: `held ${tone}` }));
    const anchor = x(exit) > WIDE - 90 ? "end" : "start";
    for (const [at, value, name, side, move] of [[entry, of("entry_price"), say.entry, "end", -7],
      [exit, of("exit_price"), say.exit, anchor, anchor === "end" ? -7 : 7]]) {
      svg.append(draw("circle", { cx: x(at), cy: y(value), r: 4, class: tone }),
        draw("text", { x: x(at) + move, y: y(value) - 7, "text-anchor": side, class: "name" }, name));
    }
    svg.append(draw("text", { x: x(decided) - 4, y: EDGE.top + 8, "text-anchor": "end", class: "name" }, say.decided));
    for (const [k, side] of [[0, "start"], [path.length - 1, "end"]]) {
      svg.append(draw("text", { x: x(path[k].at), y: TALL - 7, "text-anchor": side }, path[k].day));
    }
    const days = path.map((p) => Date.parse(p.day) / 864e5);
    // By session rather than by day: the axis of the drawing has no week-ends.
    svg.dataset.values = JSON.stringify([{
      box: [EDGE.left / WIDE, EDGE.top / TALL, 1 - EDGE.right / WIDE, 1 - EDGE.bottom / TALL],
      x: [0, last], y: limits, kinds: ["session", "number"], title: "", days,
      series: [{ label: say.price, x: path.map((p) => p.at), y: path.map((p) => p.close) }] }]);
    return svg;
  };

  const odds = (facts, words, i) => {
    const threshold = facts.columns.threshold[i], box = make("div", { class: "odds" });
    for (const [key, name, tone] of [["p_up", "UP", "more"], ["p_hold", "HOLD", "theirs"], ["p_down", "DOWN", "less"]]) {
      const value = facts.columns[key][i];
      const track = make("span", { class: "track" }, make("i", { class: tone, style: `width:${100 * value}%` }));
      if (key === facts.score && threshold !== null) track.append(make("u", { style: `left:${100 * threshold}%` }));
      box.append(make("span", {}, name), track, make("span", { class: "value" }, percent(value)));
    }
    return box;
  };

  const map = (facts, words, i) => {
    const { maps } = facts, at = maps.trade.indexOf(facts.columns.trade[i]);
    if (at < 0) return make("p", { class: "soft" }, words.say.nomap);
    const cells = new Int8Array(bytes(maps.contribution[at]).buffer), { lags } = maps, n = maps.channels.length;
    const canvas = make("canvas", { class: "map", role: "img", "aria-label": words.say.map });
    const left = 10 + 7.8 * Math.max(...maps.channels.map((c) => c.length)), tall = 18, bottom = 34, wide = WIDE;
    const scale = Math.min(devicePixelRatio || 1, 2), height = n * tall + bottom;
    canvas.width = wide * scale;
    canvas.height = height * scale;
    canvas.style.aspectRatio = `${wide} / ${height}`;
    const step = (wide - left - 8) / lags;
    const paint = () => {
      const pen = canvas.getContext("2d"), css = getComputedStyle(document.body);
      // A probe resolves light-dark(): a canvas cannot.
      const probe = make("i");
      document.body.append(probe);
      const colour = (name) => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color.match(/[\d.]+/g).map(Number); };
      const [zero, more, less, ink] = ["paper", "more", "less", "soft"].map(colour);
      probe.remove();
      pen.setTransform(scale, 0, 0, scale, 0, 0);
      pen.clearRect(0, 0, wide, height);
      pen.font = `11px ${css.fontFamily}`;
      pen.textBaseline = "middle";
      for (let c = 0; c < n; c++) {
        pen.fillStyle = `rgb(${ink.slice(0, 3)})`;
        pen.textAlign = "right";
        pen.fillText(maps.channels[c], left - 6, c * tall + tall / 2);
        for (let lag = 0; lag < lags; lag++) {
          const v = cells[c * lags + lag] / 127, to = v > 0 ? more : less, share = Math.abs(v) ** 0.75;
          pen.fillStyle = `rgb(${[0, 1, 2].map((k) => Math.round(zero[k] + (to[k] - zero[k]) * share))})`;
          pen.fillRect(left + (lags - 1 - lag) * step, c * tall, step + 0.5, tall - 1);
        }
      }
      pen.fillStyle = `rgb(${ink.slice(0, 3)})`;
      pen.textAlign = "center";
      for (let lag = 0; lag < lags; lag += Math.max(1, Math.round(lags / 6))) {
        pen.fillText(String(lag), left + (lags - 0.5 - lag) * step, n * tall + 8);
      }
      pen.fillText(words.say.lag, left + lags * step / 2, n * tall + 24);
    };
    paint();
    canvas.paint = paint;
    canvas.addEventListener("pointermove", (event) => {
      event.stopPropagation();
      const box = canvas.getBoundingClientRect();
      const px = (event.clientX - box.left) / box.width * wide, py = (event.clientY - box.top) / box.height * height;
      const c = Math.floor(py / tall), lag = lags - 1 - Math.floor((px - left) / step);
      if (c < 0 || c >= n || lag < 0 || lag >= lags) { rollsight.tip.hidden = true; return; }
      const name = maps.channels[c], value = cells[c * lags + lag] * maps.scale[at];
      rollsight.showTip(panel, event, `${name} · ${words.channels[name]}`,
        [[words.say.lag, String(lag)], [words.say.value, `${value >= 0 ? "+" : ""}${value.toFixed(4)}`]]);
    });
    canvas.addEventListener("pointerleave", () => { rollsight.tip.hidden = true; });
    return canvas;
  };

  // A place counts down from 0: the best of a date stands as 1.
  const held = (score, value) => (score.startsWith("place") ? rollsight.number(1 - value) : percent(value));

  const facet = (words, facts, i) => {
    const of = (key) => facts.columns[key][i], say = words.say, in_ = (v) => money(v, words.currency);
    const told = (key) => (of(key) === null ? "–" : words.words[of(key)]);
    const rows = [
      [say.decided, of("decided_at")], [say.entry, `${of("entry_at")} · ${in_(of("entry_price"))}`],
      [say.exit, `${of("exit_at")} · ${in_(of("exit_price"))}`], [say.reason, told("exit_reason")],
      [say.outcome, told("outcome")],
      [say.band, `${percent(of("band_down"), 1, true)} … ${percent(of("band_up"), 1, true)}`],
      [say.label, percent(of("label_return"), 2, true)], [say.window, String(of("window"))],
      [say.shares, rollsight.number(of("shares"))], [say.gross, percent(of("gross_return"), 2, true)],
      [say.net, percent(of("net_return"), 2, true)], [say.gain, in_(of("profit"))],
      [say.commission, in_(of("commission"))], [say.tax, in_(of("tax"))], [say.slippage, in_(of("slippage"))],
      [say.score, held(facts.score, of("score"))], [say.threshold, held(facts.score, of("threshold"))],
    ];
    return make("dl", {}, ...rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
  };

  const fill = () => {
    const { facts, words, i } = current, of = (key) => facts.columns[key][i], say = words.say;
    const code = of("name") === of("code") ? "" : ` (${of("code")})`;
    panel.body.replaceChildren(
      make("h3", { id: "trade-title" }, `${of("name")}${code} `, make("b", {}, percent(of("net_return"), 2, true))),
      facet(words, facts, i), make("h4", {}, say.path), price(facts, words, i),
      make("h4", {}, say.probability), odds(facts, words, i), make("h4", {}, say.map), map(facts, words, i));
    panel.scrollTop = 0;
    rollsight.tip.hidden = true;
  };

  const build = (words) => {
    panel = make("dialog", { class: "trade", "aria-labelledby": "trade-title" });
    panel.body = make("div");
    const button = (text, label, act) => {
      const made = make("button", { type: "button", "aria-label": label, title: label }, text);
      made.addEventListener("click", act);
      return made;
    };
    const step = (by) => { current.i = current.step(by); fill(); };
    panel.append(make("div", { class: "bar" }, button("‹", words.say.earlier, () => step(-1)),
      button("›", words.say.later, () => step(1)), button("✕", words.say.close, () => panel.close())), panel.body);
    panel.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by) { event.preventDefault(); step(by); }
    });
    // A click beside the panel closes it, as Escape does.
    panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
    panel.addEventListener("close", () => {
      // The tip goes back to the page, or it would be hidden with the panel.
      document.body.append(rollsight.tip);
      rollsight.tip.hidden = true;
      current.back();
    });
    document.body.append(panel);
  };
  document.addEventListener("theme", () => panel?.querySelector("canvas")?.paint());

  rollsight.openTrade = (facts, words, i, step, back) => {
    if (!panel) build(words);
    current = { facts, words, i, step, back };
    fill();
    if (!panel.open) panel.showModal();
  };
})();
