// The list of trades: searched and filtered in memory.
(() => {
  const place = document.getElementById("tradelist");
  if (!place || !("DecompressionStream" in window)) return;
  const { make } = rollsight;
  let facts, words, columns, list;

  const cell = (kind, value) => {
    if (value === null) return "–";
    if (kind === "share") return rollsight.percent(value);
    if (kind === "return") return rollsight.percent(value, 2, true);
    if (kind === "money") return rollsight.money(value, words.currency);
    if (kind === "whole") return rollsight.number(value);
    return kind === "word" ? words.words[value] : value;
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
    list = rollsight.list({ label: place.dataset.label, heads: words.heads, columns, cell, open });
    place.replaceChildren(bar, list.box);
    place.closest("section").classList.add("listed");
  };

  const open = (i) => rollsight.openTrade(facts, words, i, list.step, list.focus);

  const filter = () => {
    const text = ui.text.value.trim().toLowerCase(), outcome = ui.outcome.value;
    const result = ui.result.value, year = ui.year.value;
    const order = [];
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
    list.show(order);
  };

  const start = async () => {
    words = rollsight.json("trades-words");
    facts = await rollsight.unpack("trades-data");
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
})();
