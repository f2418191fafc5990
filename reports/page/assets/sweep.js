// The trials of a sweep: parallel coordinates that filter, over the list of them all.
(() => {
  const place = document.getElementById("triallist"), stage = document.getElementById("parallel");
  if (!place || !("DecompressionStream" in window)) return;
  const { make, draw } = rollsight;
  const WIDE = 1040, TALL = 386, SIDE = 74, TOP = 46, LOW = 346, NONE = 374, REACH = 14, GAP = 76;
  const BAND = 46; // pixels that the lines of one value spread over at most
  let words, columns, axes, drawn, lines, filters, list, hot = null, count, svg, wide, ranks;

  const cell = (kind, value, i, key) => {
    if (kind === "trial") return i !== null && columns.chosen[i] ? `${value} ●` : String(value);
    if (kind === "setting") return words.values[key][value];
    if (value === null) return "–";
    if (kind === "link") return i === null ? words.say.open : make("a", { href: value }, words.say.open);
    if (kind === "word") return words.words[value];
    if (kind === "share") return rollsight.percent(value);
    if (kind === "return") return rollsight.percent(value, 2, true);
    return rollsight.number(value, { whole: 0, ratio: 2, nats: 4 }[kind]);
  };

  // Where a trial stands on an axis, 0 below to 1 above; null where it has no such figure.
  const height = (axis, i) => {
    const value = columns[axis.key][i];
    if (value === null) return null;
    if (axis.places) return axis.places[value];
    return axis.high > axis.low ? (value - axis.low) / (axis.high - axis.low) : 0.5;
  };
  const y = (at) => (at === null ? NONE : LOW - at * (LOW - TOP));
  // Lines of one value lie side by side, the best on top, where else they would hide each other.
  const band = (axis) => (axis.names ? Math.min(BAND, 0.55 * (LOW - TOP) / axis.names.length) : 0);
  const middle = (axis, at) => y(at) + band(axis) * (at === null ? 0 : at - 0.5);
  const yOf = (axis, i) => middle(axis, height(axis, i)) + band(axis) * (0.5 - (ranks.get(i) ?? 0));
  const x = (k) => SIDE + k * (wide - 2 * SIDE) / (axes.length - 1);
  const valueAt = (axis, at) => {
    if (!axis.places) return cell(axis.kind, axis.low + at * (axis.high - axis.low), null, axis.key);
    const near = axis.places.map((p, k) => [Math.abs(p - at), k]).sort((a, b) => a[0] - b[0])[0][1];
    const name = words.values[axis.key][near];
    return Number.isFinite(Number(name)) ? String(Number(Number(name).toPrecision(3))) : fitting(name);
  };
  // What of a name there is room for, up to the next axis.
  const fitting = (name) => {
    const room = Math.floor((x(1) - x(0) - 16) / 6);
    return name.length > room ? `${name.slice(0, room - 1)}…` : name;
  };

  const passes = (i) => axes.every((axis, k) => {
    const filter = filters[k], value = columns[axis.key][i];
    if (filter instanceof Set) return !filter.size || filter.has(value);
    const at = height(axis, i);
    if (at === null) return filter[0] <= 0 && filter[1] >= 1;
    return at >= filter[0] - 1e-9 && at <= filter[1] + 1e-9;
  });

  const update = () => {
    const order = [], passed = new Set();
    for (let i = 0; i < columns.number.length; i++) if (passes(i)) { order.push(i); passed.add(i); }
    for (const [i, line] of lines) line.classList.toggle("off", !passed.has(i));
    count.textContent = rollsight.fill(words.say.count, { shown: rollsight.number(order.length),
      all: rollsight.number(columns.number.length) });
    list.show(order);
  };

  const highlight = (i) => {
    lines.get(hot)?.classList.remove("hot");
    hot = i;
    const line = lines.get(i);
    line?.classList.add("hot");
    line?.parentNode.append(line);
  };

  // Of each trial drawn the rank of its Sharpe ratio on test sessions, from 0 to 1.
  const ranked = () => {
    const known = drawn.filter((i) => columns.sharpe[i] !== null).sort((a, b) => columns.sharpe[a] - columns.sharpe[b]);
    return new Map(known.map((i, rank) => [i, known.length < 2 ? 0.5 : rank / (known.length - 1)]));
  };

  const drawLines = () => {
    const group = draw("g", { class: "lines" });
    lines = new Map();
    for (const i of drawn) {
      const path = axes.map((axis, k) => `${k ? "L" : "M"}${x(k).toFixed(1)} ${yOf(axis, i).toFixed(1)}`).join("");
      const mix = ranks.has(i)
        ? `color-mix(in oklab,var(--more) ${Math.round(100 * ranks.get(i))}%,var(--less))` : "var(--grey)";
      const line = draw("path", { d: path, style: `stroke:${mix}`, class: columns.chosen[i] ? "chosen" : "", "data-trial": columns.number[i] });
      lines.set(i, line);
      group.append(line);
    }
    const chosen = drawn.find((i) => columns.chosen[i]);
    if (chosen !== undefined) group.append(lines.get(chosen));
    svg.append(group);
  };

  const press = (element, act) => {
    element.addEventListener("click", act);
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      act();
    });
  };

  const drawValues = (axis, k) => axis.names.forEach((name, value) => {
    const at = middle(axis, axis.places[value]);
    const button = draw("g", { role: "button", tabindex: 0, "aria-pressed": "false", class: "value",
      "aria-label": `${axis.key} = ${name}` });
    button.append(draw("circle", { cx: x(k), cy: at, r: 4.5 }),
      draw("text", { x: x(k) + 9, y: at + 4 }, fitting(name)), draw("title", {}, name));
    press(button, () => {
      const own = filters[k];
      if (!own.delete(value)) own.add(value);
      button.setAttribute("aria-pressed", String(own.has(value)));
      update();
    });
    svg.append(button);
  });

  const drawRange = (axis, k) => {
    const band = draw("rect", { x: x(k) - 6, width: 12, class: "band" });
    const hit = draw("rect", { x: x(k) - 12, width: 24, y: TOP, height: LOW - TOP, class: "hit" });
    const ends = ["lowest", "highest"].map((end, which) => draw("path", { class: "end", role: "slider", tabindex: 0,
      "aria-orientation": "vertical", "aria-valuemin": 0, "aria-valuemax": 100, "data-end": which,
      "aria-label": rollsight.fill(words.say[end], { axis: axis.label }) }));
    const texts = [0, 1].map(() => draw("text", { x: x(k) + 11, class: "tick" }));
    const show = () => {
      filters[k].forEach((at, which) => {
        const text = valueAt(axis, at), side = which ? -1 : 1;
        ends[which].setAttribute("d", `M${x(k)} ${y(at)}l-6 ${side * 9}h12z`);
        ends[which].setAttribute("aria-valuenow", Math.round(100 * at));
        ends[which].setAttribute("aria-valuetext", text);
        texts[which].textContent = text;
        texts[which].setAttribute("y", y(at) + 4 + side * 5);
      });
      const [low, high] = filters[k];
      band.setAttribute("y", y(high));
      band.setAttribute("height", low > 0 || high < 1 ? y(low) - y(high) : 0);
    };
    const set = (low, high) => {
      filters[k] = [Math.max(0, low), Math.min(1, high)];
      show();
      update();
    };
    ends.forEach((end, which) => end.addEventListener("keydown", (event) => {
      const step = { ArrowUp: 0.02, ArrowRight: 0.02, ArrowDown: -0.02, ArrowLeft: -0.02, PageUp: 0.1,
        PageDown: -0.1, Home: -1, End: 1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const [low, high] = filters[k];
      // Neither end passes the other.
      if (which) set(low, Math.max(low, high + step));
      else set(Math.min(high, low + step), high);
    }));
    const at = (event) => {
      const box = svg.getBoundingClientRect();
      return Math.max(0, Math.min(1, (LOW - (event.clientY - box.top) * TALL / box.height) / (LOW - TOP)));
    };
    hit.addEventListener("pointerdown", (event) => {
      const from = at(event);
      hit.setPointerCapture(event.pointerId);
      hit.onpointermove = (moved) => set(Math.min(from, at(moved)), Math.max(from, at(moved)));
      hit.onpointerup = (up) => {
        hit.onpointermove = hit.onpointerup = null;
        // A click on an axis, without a way, takes its filter off.
        if (Math.abs(at(up) - from) < 0.01) set(0, 1);
      };
    });
    svg.append(band, hit, ...ends, ...texts);
    show();
  };

  const build = () => {
    wide = Math.max(Math.min(stage.clientWidth, WIDE), GAP * (axes.length - 1) + 2 * SIDE);
    filters = axes.map((axis) => (axis.names ? new Set() : [0, 1]));
    svg = draw("svg", { viewBox: `0 0 ${wide} ${TALL}`, class: "parallel", role: "group", "aria-label": stage.dataset.label });
    svg.style.minWidth = `${0.85 * wide}px`; // else its words are too small to read
    drawLines();
    axes.forEach((axis, k) => {
      svg.append(draw("line", { x1: x(k), x2: x(k), y1: TOP, y2: LOW, class: "axis" }),
        draw("text", { x: x(k), y: 14, "text-anchor": "middle", class: "over" }, axis.over),
        draw("text", { x: x(k), y: 30, "text-anchor": "middle", class: "name" }, axis.head));
      if (drawn.some((i) => height(axis, i) === null)) {
        svg.append(draw("text", { x: x(k) + 7, y: NONE + 4, class: "tick" }, "–"));
      }
      if (axis.names) drawValues(axis, k);
      else drawRange(axis, k);
    });
    svg.addEventListener("pointermove", (event) => {
      const i = nearest(event);
      if (i !== hot) highlight(i);
      if (i === null) return;
      event.stopPropagation();
      rollsight.showTip(document.body, event, `${words.say.trial} ${cell("trial", columns.number[i], i)}`,
        axes.map((axis) => [axis.label, cell(axis.kind, columns[axis.key][i], null, axis.key)]));
    });
    svg.addEventListener("pointerleave", () => highlight(null));
    svg.addEventListener("click", (event) => {
      const i = event.target.closest(".value, .hit, .end") ? null : nearest(event);
      if (i !== null) list.find(i);
    });
  };

  const nearest = (event) => {
    const box = svg.getBoundingClientRect(), scale = wide / box.width;
    const px = (event.clientX - box.left) * scale, py = (event.clientY - box.top) * scale;
    const step = x(1) - x(0);
    const k = Math.max(0, Math.min(axes.length - 2, Math.floor((px - x(0)) / step))), share = (px - x(k)) / step;
    if (share < -0.1 || share > 1.1) return null;
    let best = null, least = REACH;
    for (const [i, line] of lines) {
      if (line.classList.contains("off")) continue;
      const from = yOf(axes[k], i), off = Math.abs(from + share * (yOf(axes[k + 1], i) - from) - py);
      if (off < least) [best, least] = [i, off];
    }
    return best;
  };

  const start = async () => {
    words = rollsight.json("sweep-words");
    ({ columns, drawn } = await rollsight.unpack("sweep-data"));
    axes = stage ? words.axes : [];
    ranks = ranked();
    place.closest("section").classList.add("listed");
    list = rollsight.list({ label: place.dataset.label, heads: words.heads, columns, cell,
      open: (i) => stage && highlight(i), marked: (i) => columns.chosen[i] });
    place.replaceChildren(list.box);
    list.sortBy("validation");
    if (stage) filtered();
    else list.show([...columns.number.keys()]);
  };

  const filtered = () => {
    build();
    const clear = make("button", { type: "button" }, words.say.clear);
    clear.addEventListener("click", () => {
      svg.remove();
      build();
      stage.append(svg);
      update();
    });
    count = make("output", { class: "count", "aria-live": "polite" });
    stage.append(make("div", { class: "bar" }, clear, count), svg);
    for (const way of ["pointerover", "focusin"]) {
      list.body.addEventListener(way, (event) => {
        const row = event.target.closest("tr[data-at]");
        if (row) highlight(list.at(Number(row.dataset.at)));
      });
    }
    update();
  };

  const watch = new IntersectionObserver((seen) => {
    if (!seen.some((s) => s.isIntersecting)) return;
    watch.disconnect();
    start();
  }, { rootMargin: "1200px" });
  watch.observe(stage ?? place);
})();
