// Values of the nearest points beside the pointer, for every figure that carries them.
(() => {
  const NEAR = 24, SAME = 5, MOST = 9; // pixels; pixels; rows of the tip
  const tip = rollsight.make("div", { class: "tip", role: "status", hidden: "" });
  const hair = rollsight.make("div", { class: "hair", hidden: "" });
  document.body.append(hair, tip);
  const parsed = new WeakMap();

  const read = (svg) => {
    if (!parsed.has(svg)) parsed.set(svg, JSON.parse(svg.dataset.values));
    return parsed.get(svg);
  };

  const named = (ticks, value) => ticks?.find(([at]) => Math.abs(at - value) < 0.45)?.[1];

  const write = (value, kind) => {
    if (kind === "date") return new Date(Math.round(value) * 864e5).toISOString().slice(0, 10);
    if (kind === "percent") return rollsight.percent(value, 2);
    const size = Math.abs(value);
    return rollsight.number(value, Number.isInteger(value) || size >= 1000 ? 0 : size >= 10 ? 2 : 4);
  };

  const place = (axes, rect) => {
    const [left, top, right, bottom] = axes.box;
    const [x0, x1] = axes.x, [y0, y1] = axes.y;
    return {
      left: rect.left + left * rect.width, right: rect.left + right * rect.width,
      top: rect.top + top * rect.height, bottom: rect.top + bottom * rect.height,
      x: (v) => rect.left + (left + (right - left) * (v - x0) / (x1 - x0)) * rect.width,
      y: (v) => rect.top + (bottom - (bottom - top) * (v - y0) / (y1 - y0)) * rect.height,
    };
  };

  // The nearest point of each series, along the axis on which it is read.
  const nearest = (axes, at, pointer) => {
    const found = [];
    for (const series of axes.series) {
      let best = null;
      for (let i = 0; i < series.x.length; i++) {
        const dx = at.x(series.x[i]) - pointer.x, dy = at.y(series.y[i]) - pointer.y;
        const along = Math.abs(series.bars === "across" ? dy : dx), off = Math.abs(series.bars === "across" ? dx : dy);
        if (!best || along < best.along || (along === best.along && off < best.off)) {
          best = { series, i, along, off };
        }
      }
      if (best) found.push(best);
    }
    if (!found.length) return [];
    const least = Math.min(...found.map((f) => f.along));
    if (least > NEAR) return [];
    const [first] = [...found].sort((a, b) => a.along - b.along);
    const day = first.series.x[first.i], dated = axes.kinds[0] === "date";
    return found.filter((f) => f.along <= least + SAME && (!dated || Math.abs(f.series.x[f.i] - day) < 0.5))
      .slice(0, MOST);
  };

  const hide = () => { tip.hidden = true; hair.hidden = true; };

  // A dialog stands above the page, and its tip with it.
  const showTip = (host, pointer, head, rows) => {
    if (tip.parentNode !== host) host.append(tip);
    tip.replaceChildren(rollsight.make("b", {}, head));
    for (const [label, value] of rows) {
      tip.append(rollsight.make("div", {}, rollsight.make("span", {}, label), rollsight.make("span", {}, value)));
    }
    tip.hidden = false;
    const box = tip.getBoundingClientRect(), { clientX: x, clientY: y } = pointer;
    const left = x + 16 + box.width > innerWidth ? x - 16 - box.width : x + 16;
    const top = Math.min(y + 14, innerHeight - box.height - 6);
    Object.assign(tip.style, { left: `${Math.max(left, 4)}px`, top: `${Math.max(top, 4)}px` });
  };

  // The name or number of the place; bars of one place stand beside it.
  const headOf = (axes, columns, series, i) => {
    const [kind] = axes.kinds, x = series.x[i];
    if (kind === "session") return write(axes.days[i], "date");
    const name = named(columns, x);
    if (name !== undefined) return name;
    if (kind !== "number") return write(x, kind);
    const at = series.bars ? Math.round(x) : x;
    return Number.isInteger(at) ? String(at) : write(at, kind);
  };

  const showCell = (host, axes, at, pointer) => {
    const [x0, x1, y0, y1] = axes.extent, [a0, a1] = axes.x, [b0, b1] = axes.y;
    const x = a0 + (a1 - a0) * (pointer.clientX - at.left) / (at.right - at.left);
    const y = b1 + (b0 - b1) * (pointer.clientY - at.top) / (at.bottom - at.top);
    const { cells } = axes, column = Math.floor(cells[0].length * (x - x0) / (x1 - x0));
    const row = Math.floor(cells.length * (y - y1) / (y0 - y1));
    const value = cells[row]?.[column];
    if (value === undefined || value === null) return hide();
    const [columns, lines] = axes.ticks;
    const middle = x0 + (x1 - x0) * (column + 0.5) / cells[0].length;
    const head = named(columns, middle) ?? (columns.length ? "" : String(Math.round(Math.abs(middle))));
    showTip(host, pointer, [axes.title, head].filter(Boolean).join(" · "),
      [[named(lines, y0 + (y1 - y0) * (1 - (row + 0.5) / cells.length)) ?? named(lines, row) ?? "", write(value, "number")]]);
    hair.hidden = true;
  };

  const show = (host, axes, at, found, pointer) => {
    const [{ series, i }] = [...found].sort((a, b) => a.along - b.along);
    const across = series.bars === "across", [kind, other] = axes.kinds;
    const [columns, lines] = axes.ticks ?? [];
    const head = across ? named(lines, series.y[i]) : headOf(axes, columns, series, i);
    const rows = found.map(({ series: one, i: at }) => {
      if (across) return [one.label, write(one.x[at], kind)];
      if (lines?.length) return [one.label, named(lines, one.y[at]) === one.label ? "" : write(one.y[at], other)];
      const value = write(one.y[at], other);
      return [one.label, one.low ? `${write(one.low[at], other)} ~ ${value}` : value];
    });
    showTip(host, pointer, [axes.title, head].filter(Boolean).join(" · "), rows);
    hair.hidden = across || host !== document.body;
    Object.assign(hair.style, { left: `${at.x(series.x[i]) + scrollX}px`, top: `${at.top + scrollY}px`,
      height: `${at.bottom - at.top}px` });
  };

  document.addEventListener("pointermove", (event) => {
    const svg = event.target.closest?.("svg[data-values]");
    if (!svg) return hide();
    const host = svg.closest("dialog") ?? document.body;
    const rect = svg.getBoundingClientRect(), pointer = { x: event.clientX, y: event.clientY };
    for (const axes of read(svg)) {
      const at = place(axes, rect);
      const inside = pointer.x >= at.left - 4 && pointer.x <= at.right + 4
        && pointer.y >= at.top - 4 && pointer.y <= at.bottom + 4;
      if (inside && axes.cells) return showCell(host, axes, at, event);
      const found = inside ? nearest(axes, at, pointer) : [];
      if (found.length) return show(host, axes, at, found, event);
    }
    return hide();
  });
  document.addEventListener("pointerleave", hide);
  addEventListener("scroll", hide, { passive: true });
  Object.assign(rollsight, { tip, showTip });
})();
