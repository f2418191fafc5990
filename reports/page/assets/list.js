// A list of many rows: sorted in memory, and only the rows in sight are drawn.
// heads: [{ key, head, kind }]; columns: { key: [value a row] }; open and marked are handed a row.
rollsight.isText = (kind) => ["text", "date", "word", "trial", "setting", "link"].includes(kind);
rollsight.list = ({ label, heads, columns, cell, open, marked }) => {
  const ROW = 27, SPARE = 12; // pixels of a row; rows drawn beyond either edge
  const { make, isText } = rollsight;
  const ui = {}, first = heads[0].key;
  let order = [], active = 0, sorted = { key: first, down: false };

  // Widths in pixels, from the widest value, so that columns stand still while rows come and go.
  const width = ({ key, head, kind }) => {
    const of = (text) => [...String(text)].reduce((sum, c) => sum + (c > "\u2e80" ? 1.75 : 1), 0);
    const values = columns[key].filter((v) => v !== null);
    let most = of(head) + 2.5;
    if (isText(kind)) for (const v of new Set(values)) most = Math.max(most, of(cell(kind, v, null, key)));
    else {
      let low = Infinity, high = -Infinity;
      for (const v of values) { low = Math.min(low, v); high = Math.max(high, v); }
      if (values.length) most = Math.max(most, ...[low, high].map((v) => of(cell(kind, v, null, key))));
    }
    return Math.min(most, 18) * 6.3 + 10;
  };

  const build = () => {
    const widths = heads.map(width), total = widths.reduce((a, b) => a + b, 0);
    const cols = widths.map((w) => make("col", { style: `width:${w.toFixed(1)}px` }));
    ui.heads = heads.map((head) => {
      const button = make("button", { type: "button", "data-key": head.key,
        "aria-label": rollsight.fill(rollsight.words.sorted, { column: head.head }) }, head.head);
      button.addEventListener("click", () => sortBy(head.key));
      return make("th", { scope: "col", class: isText(head.kind) ? "text" : "" }, button);
    });
    ui.body = make("tbody");
    ui.table = make("table", { "aria-label": label },
      make("colgroup", {}, ...cols), make("thead", {}, make("tr", {}, ...ui.heads)), ui.body);
    ui.table.style.minWidth = `${Math.round(total)}px`;
    ui.box = make("div", { class: "scroll window" }, ui.table);
    let waiting = false;
    ui.box.addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; draw(); });
    }, { passive: true });
    ui.body.addEventListener("click", (event) => {
      const row = event.target.closest("tr[data-at]");
      if (row && !event.target.closest("a")) opened(Number(row.dataset.at));
    });
    ui.body.addEventListener("keydown", keys);
  };

  const draw = () => {
    const from = Math.max(0, Math.floor(ui.box.scrollTop / ROW) - SPARE);
    const seen = Math.ceil((ui.box.clientHeight || 640) / ROW) + 2 * SPARE;
    const last = Math.min(order.length, from + seen);
    const focused = ui.body.contains(document.activeElement);
    const gap = (rows) => make("tr", { class: "gap", "aria-hidden": "true", style: `height:${rows * ROW}px` });
    const rows = [];
    for (let at = from; at < last; at++) {
      const i = order[at];
      const row = make("tr", { "data-at": at, "aria-rowindex": at + 2, tabindex: at === active ? 0 : -1 });
      if (marked?.(i)) row.className = "marked";
      for (const { key, kind } of heads) {
        const value = columns[key][i];
        row.append(make("td", { class: isText(kind) ? "text" : "" }, cell(kind, value, i, key)));
      }
      rows.push(row);
    }
    ui.body.replaceChildren(gap(from), ...rows, gap(order.length - last));
    ui.table.setAttribute("aria-rowcount", order.length + 1);
    if (focused) rowAt(active)?.focus({ preventScroll: true });
  };

  const rowAt = (at) => ui.body.querySelector(`tr[data-at="${at}"]`);

  const move = (at) => {
    active = Math.max(0, Math.min(order.length - 1, at));
    const top = active * ROW, head = ui.heads[0].offsetHeight;
    const room = ui.box.clientHeight - head;
    if (top < ui.box.scrollTop) ui.box.scrollTop = top;
    if (top + ROW > ui.box.scrollTop + room) ui.box.scrollTop = top + ROW - room;
    draw();
    rowAt(active)?.focus({ preventScroll: true });
    return order[active];
  };

  const keys = (event) => {
    const row = event.target.closest("tr[data-at]");
    if (!row || event.target.closest("a")) return;
    const at = Number(row.dataset.at), page = Math.floor(ui.box.clientHeight / ROW) - 2;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page,
      Home: 0, End: order.length - 1 }[event.key];
    if (to === undefined && event.key !== "Enter") return;
    event.preventDefault();
    if (event.key === "Enter") opened(at);
    else move(to);
  };

  const opened = (at) => open(move(at));

  const arrange = () => {
    const values = columns[sorted.key], sign = sorted.down ? -1 : 1;
    order.sort((a, b) => {
      const x = values[a], y = values[b];
      if (x === null || y === null) return (x === null) - (y === null) || a - b;
      return x < y ? -sign : x > y ? sign : a - b;
    });
    for (const [i, { key }] of heads.entries()) {
      const way = sorted.key !== key ? "none" : sorted.down ? "descending" : "ascending";
      ui.heads[i].setAttribute("aria-sort", way);
    }
    active = 0;
    ui.box.scrollTop = 0;
    draw();
  };

  const sortBy = (key) => {
    const { kind } = heads.find((h) => h.key === key);
    // What is large comes first in numbers, what is early in words and dates.
    const falling = !isText(kind) && key !== first;
    sorted = { key, down: sorted.key === key ? !sorted.down : falling };
    arrange();
  };

  build();
  return {
    box: ui.box, body: ui.body, sortBy,
    show(rows) { order = rows; arrange(); },
    step: (by) => move(active + by),
    at: (at) => order[at],
    focus: () => rowAt(active)?.focus(),
    find: (i) => move(order.indexOf(i)),
  };
};
