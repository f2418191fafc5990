// What stands above the table: search, filters, the scale of colours, and how many rows there are.
import { scoreText } from "./columns.js";
import { make, say, scoreName } from "./words.js";

export const makeTools = (host, wanted, changed) => {
  const search = make("input", { type: "search", id: "search", placeholder: say("Code or name"),
    "aria-label": say("Search by code or name"), autocomplete: "off", spellcheck: "false" });
  const filters = make("div", { class: "filters", role: "group", "aria-label": say("Show") });
  const count = make("span", { class: "count", role: "status" });
  const name = make("b"), low = make("span"), mark = make("span", { class: "at" }), high = make("span");
  const above = make("i", { class: "ramp above", "aria-hidden": "true" });
  const scale = make("div", { class: "scale", title: say("The colour scale spans the scores of the session") }, name, low,
    make("i", { class: "ramp below", "aria-hidden": "true" }), mark,
    above, high);

  for (const [key, name] of [["all", say("All")], ["buys", say("Buys only")], ["held", say("Held")], ["changed", say("Changed")]]) {
    const button = make("button", { type: "button", "data-only": key, "aria-pressed": String(key === wanted.only) }, name);
    button.addEventListener("click", () => {
      wanted.only = key;
      for (const other of filters.children) other.setAttribute("aria-pressed", String(other === button));
      changed();
    });
    filters.append(button);
  }
  search.addEventListener("input", () => { wanted.text = search.value; changed(); });
  // Slash goes to the search, as on many a screen of this kind.
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, select, dialog")) return;
    event.preventDefault();
    search.focus();
  });
  host.append(make("div", { class: "bar" }, search, filters, scale, count));

  return { draw(run, text) {
    count.textContent = text;
    const { threshold } = run.scale, figure = (value) => scoreText(run, value);
    name.textContent = scoreName(run.info.score ?? "p_up");
    low.textContent = figure(run.scale.low);
    const bought = threshold !== null && run.scale.high >= threshold;
    above.hidden = !bought;
    high.textContent = bought ? `${figure(run.scale.high)} ▲` : "";
    mark.textContent = threshold === null ? say("no threshold: nothing is bought")
      : say("threshold {value}", { value: figure(threshold) });
  } };
};
