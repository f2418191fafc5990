// A table of thousands of rows: only those in sight are elements, and each keeps its place.
import { fitting } from "./columns.js";
import { make, say } from "./words.js";

const SPARE = 5, NARROW = 700; // rows drawn beyond either edge; pixels
const TALL = 27, TOUCH = 40; // pixels of a row

// What is left over goes to names, and a little to every number.
const track = ({ grows, words, wide }, narrow) => {
  if (grows) return `minmax(${narrow ? 90 : wide}px, 1fr)`;
  return words || narrow ? `${wide}px` : `minmax(${wide}px, 0.3fr)`;
};

export const makeGrid = (host, { open, paint }) => {
  const ui = {}, slots = [];
  let columns = [], seen = [], codes = [], active = null, tall = TALL;
  const sorted = { key: "decision", down: true };

  ui.head = make("div", { role: "row", class: "row head", "aria-rowindex": 1 });
  ui.body = make("div", { role: "rowgroup", class: "rows" });
  ui.none = make("p", { class: "none soft", role: "status" });
  ui.grid = make("div", { role: "grid", class: "grid", tabindex: 0, "aria-label": say("Stocks"), id: "grid" },
    make("div", { role: "rowgroup", class: "heads" }, ui.head), ui.body);
  host.append(ui.grid, ui.none);

  const place = (code) => codes.indexOf(code);
  const column = () => columns.find((c) => c.key === sorted.key) ?? columns[0];

  const arrange = () => {
    const { value } = column(), sign = sorted.down ? -1 : 1;
    const keyed = codes.map((code) => [value(code), code]);
    keyed.sort(([x, a], [y, b]) => {
      if (x === null || y === null) return (x === null) - (y === null) || (a < b ? -1 : 1);
      return x < y ? -sign : x > y ? sign : a < b ? -1 : 1;
    });
    codes = keyed.map(([, code]) => code);
  };

  const headOf = (c, i) => {
    const way = c.key !== sorted.key ? "none" : sorted.down ? "descending" : "ascending";
    const button = make("button", { type: "button", tabindex: c.key === sorted.key ? 0 : -1, "data-key": c.key,
      title: c.title || say("Sort by {column}", { column: c.head }) }, c.head);
    return make("div", { role: "columnheader", "aria-colindex": i + 1, "aria-sort": way,
      class: [c.words && "words", c.kept && "kept"].filter(Boolean).join(" ") }, button);
  };

  const lay = () => {
    const width = ui.grid.clientWidth, narrow = width < NARROW;
    seen = narrow ? fitting(columns, width - 2) : columns;
    tall = matchMedia("(pointer: coarse)").matches || narrow ? TOUCH : TALL;
    ui.grid.style.setProperty("--tall", `${tall}px`);
    ui.grid.style.setProperty("--columns", seen.map((c) => track(c, narrow)).join(" "));
    ui.grid.style.setProperty("--least", narrow ? "0" : `${seen.reduce((sum, c) => sum + c.wide, 0)}px`);
    // Who it is stays in sight while the rest is moved aside.
    ui.grid.classList.toggle("scrolls", !narrow && seen.reduce((sum, c) => sum + c.wide, 5) > width);
    ui.grid.setAttribute("aria-colcount", seen.length);
    const focused = ui.head.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    ui.head.replaceChildren(...seen.map(headOf));
    placeKept(ui.head);
    if (focused) ui.head.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    ui.body.replaceChildren();
    slots.length = 0;
  };

  const placeKept = (row) => {
    let left = 0;
    seen.forEach((c, i) => {
      if (c.kept) row.children[i].style.setProperty("--left", `${left}px`);
      left += c.wide;
    });
  };

  const makeRow = () => {
    const row = make("div", { role: "row", class: "row" });
    row.cells = seen.map((c, i) => make("div", { role: "gridcell", "aria-colindex": i + 1 }));
    row.append(...row.cells);
    placeKept(row);
    return row;
  };

  const write = (row, at) => {
    const code = codes[at];
    row.dataset.code = code;
    row.id = `row-${at}`;
    row.setAttribute("aria-rowindex", at + 2);
    row.setAttribute("aria-selected", String(code === active));
    row.style.transform = `translateY(${at * tall}px)`;
    paint(row, code);
    seen.forEach((c, i) => {
      const cell = row.cells[i], text = c.text(code);
      if (cell.textContent !== text) cell.textContent = text;
      const kind = [c.words && "words", c.kept && "kept", c.strong && "strong", c.key === "name" && "name", c.run && "run"]
        .filter(Boolean).join(" ");
      if (cell.className !== kind) cell.className = kind;
      if (c.run) paint(cell, code, c.run);
    });
  };

  const draw = () => {
    const room = ui.grid.clientHeight - tall;
    const most = Math.min(codes.length, Math.ceil(room / tall) + 2 * SPARE);
    const first = Math.max(0, Math.min(codes.length - most, Math.floor(ui.grid.scrollTop / tall) - SPARE));
    ui.body.style.height = `${codes.length * tall}px`;
    while (slots.length < most) ui.body.append(slots[slots.push(makeRow()) - 1]);
    while (slots.length > most) slots.pop().remove();
    // A row keeps its element as long as it is in sight.
    for (let at = first; at < first + most; at++) write(slots[at % most], at);
    ui.grid.setAttribute("aria-rowcount", codes.length + 1);
    const at = active === null ? -1 : place(active);
    if (at >= first && at < first + most) ui.grid.setAttribute("aria-activedescendant", `row-${at}`);
    else ui.grid.removeAttribute("aria-activedescendant");
  };

  const move = (at) => {
    if (!codes.length) return null;
    const to = Math.max(0, Math.min(codes.length - 1, at)), top = to * tall;
    active = codes[to];
    const room = ui.grid.clientHeight - ui.head.offsetHeight;
    if (top < ui.grid.scrollTop) ui.grid.scrollTop = top;
    if (top + tall > ui.grid.scrollTop + room) ui.grid.scrollTop = top + tall - room;
    draw();
    return active;
  };

  const sortBy = (key) => {
    const c = columns.find((one) => one.key === key);
    Object.assign(sorted, { key, down: sorted.key === key ? !sorted.down : Boolean(c.falling) });
    arrange();
    lay();
    ui.grid.scrollTop = 0;
    draw();
    ui.head.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
  };

  const keys = (event) => {
    if (event.target !== ui.grid) return alongHeads(event);
    const at = active === null ? -1 : place(active), page = Math.floor(ui.grid.clientHeight / tall) - 2;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0,
      End: codes.length - 1 }[event.key];
    if (to === undefined && event.key !== "Enter") return undefined;
    event.preventDefault();
    if (event.key !== "Enter") move(to);
    else if (at >= 0) open(active);
    return undefined;
  };

  const alongHeads = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key], buttons = [...ui.head.querySelectorAll("button")];
    const at = buttons.indexOf(event.target);
    if (!by || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const to = buttons[Math.max(0, Math.min(buttons.length - 1, at + by))];
    for (const button of buttons) button.tabIndex = button === to ? 0 : -1;
    to.focus();
  };

  const rowOf = (event) => event.target.closest(".rows .row")?.dataset.code ?? null;
  ui.grid.addEventListener("keydown", keys);
  ui.head.addEventListener("click", (event) => { const { key } = event.target.dataset; if (key) sortBy(key); });
  ui.body.addEventListener("click", (event) => {
    const code = rowOf(event);
    if (!code) return;
    move(place(code));
    // A finger has no double click that does not zoom.
    if (event.pointerType === "touch") open(code);
  });
  ui.body.addEventListener("dblclick", (event) => { const code = rowOf(event); if (code) open(code); });
  let drawing = false;
  ui.grid.addEventListener("scroll", () => {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(() => { drawing = false; draw(); });
  }, { passive: true });
  // In a frame of its own: what an observer changes, it must not see in the same one.
  new ResizeObserver(() => requestAnimationFrame(() => { if (columns.length) { lay(); draw(); } })).observe(ui.grid);

  return {
    element: ui.grid,
    show(found, rows, why) {
      const same = found.length === columns.length && found.every((c, i) => c.key === columns[i].key && c.head === columns[i].head);
      columns = found;
      codes = rows;
      if (same) seen = seen.map((c) => columns.find((one) => one.key === c.key));
      else lay();
      arrange();
      if (active !== null && place(active) < 0) active = null;
      ui.none.textContent = rows.length ? "" : why;
      draw();
    },
    count: () => codes.length,
    step(code, by) { return move(place(code) + by); },
    select(code) { if (place(code) >= 0) move(place(code)); },
  };
};
