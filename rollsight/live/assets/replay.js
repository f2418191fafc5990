// Of a replay: play, pause, step, seek and speed; space and the arrow to the right do the first.
import { make, say } from "./words.js";

const SPEEDS = [0.5, 1, 2, 5, 10, 20], DAY = 864e5;
// What has a use of its own for the key.
const OWN = { " ": "input, select, textarea, button, a, summary", ArrowRight: "input, select, textarea, .panesbox" };

const dayOf = (text) => Math.round(Date.parse(`${text}T00:00:00Z`) / DAY);
const textOf = (day) => new Date(day * DAY).toISOString().slice(0, 10);

export const makeReplay = (host, send) => {
  const button = (text, label, act) => {
    const made = make("button", { type: "button", title: label, "aria-label": label }, text);
    made.addEventListener("click", act);
    return made;
  };
  let status = null;
  const step = (by) => send(["step", by]);
  const toggle = () => send([status.playing ? "pause" : "play"]);

  const play = button("▶", say("Play"), toggle);
  const slider = make("input", { type: "range", id: "seek", "aria-label": say("Session"), step: 1 });
  const day = make("output", { for: "seek" });
  const speed = make("select", { "aria-label": say("Sessions a second"), id: "speed" });
  for (const x of SPEEDS) speed.append(make("option", { value: x }, say("{x} a second", { x })));
  slider.addEventListener("input", () => {
    day.textContent = textOf(slider.valueAsNumber);
    slider.setAttribute("aria-valuetext", day.textContent);
  });
  slider.addEventListener("change", () => send(["seek", textOf(slider.valueAsNumber)]));
  speed.addEventListener("change", () => send(["speed", Number(speed.value)]));
  host.append(make("b", {}, say("Replay")), button("◀", say("One session back"), () => step(-1)), play,
    button("▶|", say("One session on"), () => step(1)), slider, day, speed,
    make("span", { class: "soft keys" }, say("Space plays and pauses, → steps")));

  addEventListener("keydown", (event) => {
    if (!status || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!OWN[event.key] || event.target.closest(OWN[event.key])) return;
    event.preventDefault();
    if (event.key === " ") { if (!event.repeat) toggle(); } else step(1);
  });

  return { draw(said, run) {
    status = said?.state === "replay" ? said : null;
    host.hidden = !status;
    if (!status) return;
    const label = status.playing ? say("Pause") : say("Play");
    play.textContent = status.playing ? "❚❚" : "▶";
    play.title = label;
    play.setAttribute("aria-label", label);
    slider.min = dayOf(status.first);
    slider.max = dayOf(status.last);
    if (run?.session && !slider.matches(":active")) {
      slider.value = dayOf(run.session);
      slider.setAttribute("aria-valuetext", run.session);
      day.textContent = run.session;
    }
    const known = [...speed.options].some((option) => Number(option.value) === status.speed);
    if (!known && status.speed) speed.append(make("option", { value: status.speed }, say("{x} a second", { x: status.speed })));
    if (document.activeElement !== speed) speed.value = String(status.speed);
  } };
};
