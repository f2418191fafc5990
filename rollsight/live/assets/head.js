// The verdict, what is wrong, and the state of the connection: what must be seen first.
import { thresholdText } from "./columns.js";
import { nextOf } from "./store.js";
import { age, closing, DASH, hour, make, say, told, verdictText, verdictWord } from "./words.js";

const set = (element, text) => { if (element.textContent !== text) element.textContent = text; };

export const makeHead = ({ runs, facts, verdicts, alerts, choose }) => {
  const names = { connection: say("Connection"), session: say("Session"), age: say("Age"), window: say("Window"),
    threshold: say("Threshold"), next: say("Next open") };
  const values = {};
  for (const [key, name] of Object.entries(names)) {
    values[key] = make("dd", { id: `fact-${key}` });
    facts.append(make("div", {}, make("dt", {}, name), values[key]));
  }
  let spoken = "", listed = "", warned = "", errors = 0, error = null;

  const connection = ({ open, lost }, status) => {
    values.connection.className = open ? (status?.state === "stale" ? "off" : "on") : "off";
    if (!open) return lost ? say("lost since {hour}", { hour: hour(lost) }) : say("connecting");
    return { replay: say("replay"), stale: say("stale") }[status?.state] ?? say("live");
  };

  const since = (run) => (run?.at ? age(Date.now() - Date.parse(run.at)) : DASH);

  const state = (store, run, wire) => {
    set(values.connection, connection(wire, store.status));
    set(values.session, run?.session ? `${run.session}${run.at ? ` · ${closing(run.at)}` : ""}` : DASH);
    values.age.parentElement.hidden = store.status?.state === "replay";
    set(values.age, since(run));
    set(values.window, run?.window ? String(run.window.number) : DASH);
    set(values.threshold, run ? thresholdText(run) : DASH);
    set(values.next, (run && nextOf(run)) ?? DASH);
  };

  const list = (store, run) => {
    const all = [...store.runs.keys()], key = JSON.stringify([all, run?.name]);
    if (key === listed) return;
    listed = key;
    if (all.length < 2) { runs.replaceChildren(make("b", {}, run?.name ?? "")); return; }
    const select = make("select", { "aria-label": say("Run shown"), id: "run" });
    for (const name of all) select.append(make("option", { value: name }, name));
    select.value = run.name;
    select.addEventListener("change", () => choose(select.value));
    const focused = runs.contains(document.activeElement);
    runs.replaceChildren(select);
    if (focused) select.focus();
  };

  const verdict = (of, full, many) => {
    const { word, lucky } = of.verdict, name = many ? `${of.name}: ` : "";
    const line = make("p", { class: `verdict ${word}`, "data-run": of.name }, make("b", {}, `${name}${verdictWord(word)}.`));
    if (!full) return line;
    if (lucky) line.append(" ", make("span", { class: "lucky" }, say("A buy that is coloured below is no evidence of a gain.")));
    line.append(" ", make("span", { class: "why" }, verdictText(of.verdict)));
    return line;
  };

  // A reader hears a verdict once, not with every session.
  const judge = (store, run) => {
    const all = [...store.runs.values()].filter((one) => one.verdict);
    all.sort((a, b) => (b === run) - (a === run));
    const key = JSON.stringify(all.map((one) => [one.name, one.verdict, one === run]));
    if (key === spoken) return;
    spoken = key;
    verdicts.replaceChildren(...all.map((one) => verdict(one, one === run, all.length > 1)));
  };

  const problems = (store, run, { lost, open }) => {
    if (store.errors.length > errors) {
      error = told(store.errors.at(-1));
      errors = store.errors.length;
      setTimeout(() => { error = null; warned = ""; }, 10_000);
    }
    const found = [];
    if (store.foreign) found.push(say("The server is of another version than this screen: load the page anew."));
    if (!open && lost) found.push(say("Connection lost since {hour}: what is shown may be old. It is tried again by itself.", { hour: hour(lost) }));
    if (store.status?.state === "stale") {
      found.push(say("Stale: the newest decision is {age} old. {why}", { age: since(run), why: told(store.status.text) }));
    }
    if (error) found.push(error);
    return found;
  };

  const warn = (store, run, wire) => {
    const found = problems(store, run, wire), key = found.join("\n");
    document.body.classList.toggle("stale", store.status?.state === "stale" || (!wire.open && Boolean(wire.lost)));
    if (key === warned) return;
    warned = key;
    alerts.replaceChildren(...found.map((text) => make("p", {}, text)));
  };

  return { draw(store, run, wire) {
    state(store, run, wire);
    list(store, run);
    judge(store, run);
    warn(store, run, wire);
    const title = run?.session ? `${say("{n} to buy", { n: run.buys.size })} · ${run.session} · ${run.name} · rollsight` : "rollsight";
    if (document.title !== title) document.title = title;
  } };
};
