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
        const along = Math.abs(series.bars ? dy : dx), off = Math.abs(series.bars ? dx : dy);
        if (!best || along < best.along || (along === best.along && off < best.off)) {
          best = { series, i, along, off };
        }
      }
      if (best) found.push(best);
    }
    if (!found.length) return [];
    const least = Math.min(...found.map((f) => f.along));
    if (least > NEAR) return [];
    return found.filter((f) => f.along <= least + SAME).slice(0, MOST);
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

  const show = (host, axes, at, found, pointer) => {
    const [{ series, i }] = [...found].sort((a, b) => a.along - b.along);
    const across = Boolean(series.bars), [kind, other] = axes.kinds;
    const day = kind === "session" ? axes.days[i] : series.x[i];
    const head = across ? "" : write(day, kind === "session" ? "date" : kind);
    const rows = found.map((one) => [one.series.label,
      across ? write(one.series.x[one.i], kind) : write(one.series.y[one.i], other)]);
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
      const found = inside ? nearest(axes, at, pointer) : [];
      if (found.length) return show(host, axes, at, found, event);
    }
    return hide();
  });
  document.addEventListener("pointerleave", hide);
  addEventListener("scroll", hide, { passive: true });
  Object.assign(rollsight, { tip, showTip });
})();
