// The list of trades: sorted and filtered in memory, and only the rows in sight are drawn.
(() => {
  const place = document.getElementById("tradelist");
  if (!place || !("DecompressionStream" in window)) return;
  const ROW = 27, SPARE = 12; // pixels of a row; rows drawn beyond either edge
  const { make } = rollsight;
  let facts, words, columns, order = [], active = 0, sorted = { key: "trade", down: false };

  const unpack = async (id) => {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };

  const cell = (kind, value) => {
    if (value === null) return "–";
    if (kind === "share") return rollsight.percent(value);
    if (kind === "return") return rollsight.percent(value, 2, true);
    if (kind === "money") return rollsight.money(value, words.currency);
    if (kind === "whole") return rollsight.number(value);
    return kind === "word" ? words.words[value] : value;
  };
  const isText = (kind) => ["text", "date", "word"].includes(kind);

  // Widths in pixels, from the widest value, so that columns stand still while rows come and go.
  const width = ({ key, head, kind }) => {
    const of = (text) => [...text].reduce((sum, c) => sum + (c > "\u2e80" ? 1.75 : 1), 0);
    const values = columns[key].filter((v) => v !== null);
    let most = of(head) + 2.5;
    if (isText(kind)) for (const v of new Set(values)) most = Math.max(most, of(cell(kind, v)));
    else {
      let low = Infinity, high = -Infinity;
      for (const v of values) { low = Math.min(low, v); high = Math.max(high, v); }
      if (values.length) most = Math.max(most, of(cell(kind, low)), of(cell(kind, high)));
    }
    return Math.min(most, 18) * 6.3 + 10;
  };

  const ui = {};
  const build = () => {
    const say = words.say;
    const select = (name, label, options) => {
      ui[name] = make("select", { name }, ...options.map(([value, text]) => make("option", { value }, text)));
      ui[name].addEventListener("change", filter);
      return make("label", {}, `${label} `, ui[name]);
    };
    ui.text = make("input", { type: "search", name: "text", placeholder: say.search, "aria-label": say.search });
    ui.text.addEventListener("input", filter);
    const outcomes = [...new Set(columns.outcome)].filter(Boolean).sort();
    const years = [...new Set(columns.decided_at.map((d) => d.slice(0, 4)))].sort();
    ui.clear = make("button", { type: "button" }, say.clear);
    ui.clear.addEventListener("click", () => {
      ui.text.value = ui.outcome.value = ui.result.value = ui.year.value = "";
      filter();
    });
    ui.count = make("output", { class: "count", "aria-live": "polite" });
    const bar = make("div", { class: "bar", role: "search" }, ui.text,
      select("outcome", say.outcome, [["", say.all], ...outcomes.map((o) => [o, words.words[o]])]),
      select("result", say.result, [["", say.all], ["profit", say.profit], ["loss", say.loss]]),
      select("year", say.year, [["", say.all], ...years.map((y) => [y, y])]), ui.clear, ui.count);
    const widths = words.heads.map(width), total = widths.reduce((a, b) => a + b, 0);
    const cols = widths.map((w) => make("col", { style: `width:${w.toFixed(1)}px` }));
    ui.heads = words.heads.map((head) => {
      const button = make("button", { type: "button", "data-key": head.key,
        "aria-label": rollsight.fill(rollsight.words.sorted, { column: head.head }) }, head.head);
      button.addEventListener("click", () => sortBy(head.key));
      return make("th", { scope: "col", class: isText(head.kind) ? "text" : "" }, button);
    });
    ui.body = make("tbody");
    ui.table = make("table", { "aria-label": place.dataset.label },
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
      if (row) open(Number(row.dataset.at));
    });
    ui.body.addEventListener("keydown", keys);
    place.replaceChildren(bar, ui.box);
    place.closest("section").classList.add("listed");
  };

  const draw = () => {
    const first = Math.max(0, Math.floor(ui.box.scrollTop / ROW) - SPARE);
    const seen = Math.ceil((ui.box.clientHeight || 640) / ROW) + 2 * SPARE;
    const last = Math.min(order.length, first + seen);
    const focused = ui.body.contains(document.activeElement);
    const gap = (rows) => make("tr", { class: "gap", "aria-hidden": "true", style: `height:${rows * ROW}px` });
    const rows = [];
    for (let at = first; at < last; at++) {
      const i = order[at];
      const row = make("tr", { "data-at": at, "aria-rowindex": at + 2, tabindex: at === active ? 0 : -1 });
      for (const { key, kind } of words.heads) {
        const value = columns[key][i];
        const tone = kind === "return" && value ? (value > 0 ? "good" : "bad") : "";
        row.append(make("td", { class: `${tone} ${isText(kind) ? "text" : ""}`.trim() }, cell(kind, value)));
      }
      rows.push(row);
    }
    ui.body.replaceChildren(gap(first), ...rows, gap(order.length - last));
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
  };

  const keys = (event) => {
    const row = event.target.closest("tr[data-at]");
    if (!row) return;
    const at = Number(row.dataset.at), page = Math.floor(ui.box.clientHeight / ROW) - 2;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page,
      Home: 0, End: order.length - 1 }[event.key];
    if (to === undefined && event.key !== "Enter") return;
    event.preventDefault();
    if (event.key === "Enter") open(at);
    else move(to);
  };

  const open = (at) => {
    move(at);
    rollsight.openTrade(facts, words, order[active], (step) => {
      move(active + step);
      return order[active];
    }, () => rowAt(active)?.focus());
  };

  const arrange = () => {
    const values = columns[sorted.key], sign = sorted.down ? -1 : 1;
    order.sort((a, b) => {
      const x = values[a], y = values[b];
      if (x === null || y === null) return (x === null) - (y === null) || a - b;
      return x < y ? -sign : x > y ? sign : a - b;
    });
    for (const [i, { key }] of words.heads.entries()) {
      const way = sorted.key !== key ? "none" : sorted.down ? "descending" : "ascending";
      ui.heads[i].setAttribute("aria-sort", way);
    }
    active = 0;
    ui.box.scrollTop = 0;
    draw();
  };

  const sortBy = (key) => {
    const numeric = !isText(words.heads.find((h) => h.key === key).kind) && key !== "trade";
    // What is large comes first in numbers, what is early in words and dates.
    sorted = { key, down: sorted.key === key ? !sorted.down : numeric };
    arrange();
  };

  const filter = () => {
    const text = ui.text.value.trim().toLowerCase(), outcome = ui.outcome.value;
    const result = ui.result.value, year = ui.year.value;
    order = [];
    let profit = 0;
    for (let i = 0; i < columns.trade.length; i++) {
      if (text && !columns.code[i].toLowerCase().includes(text)
        && !columns.name[i].toLowerCase().includes(text)) continue;
      if (outcome && columns.outcome[i] !== outcome) continue;
      if (result && (columns.net_return[i] > 0) !== (result === "profit")) continue;
      if (year && !columns.decided_at[i].startsWith(year)) continue;
      order.push(i);
      profit += columns.profit[i];
    }
    const counted = rollsight.fill(words.say.count, { shown: rollsight.number(order.length),
      all: rollsight.number(columns.trade.length) });
    const sum = rollsight.fill(words.say.sum, { profit: rollsight.money(profit, words.currency) });
    ui.count.textContent = `${counted} · ${sum}`;
    arrange();
  };

  const start = async () => {
    words = rollsight.json("trades-words");
    facts = await unpack("trades-data");
    columns = facts.columns;
    build();
    filter();
  };
  // Read when the reader comes near: a page of many trades opens as fast as one of few.
  const watch = new IntersectionObserver((seen) => {
    if (!seen.some((s) => s.isIntersecting)) return;
    watch.disconnect();
    start();
  }, { rootMargin: "1200px" });
  watch.observe(place);
  rollsight.unpack = unpack;
})();
