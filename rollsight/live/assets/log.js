// What has come, the newest first: decisions, and what the server says of itself.
import { hour, make, number, say, told } from "./words.js";

const wordsOf = ({ run, session, buys, moved, text }, many) => {
  if (text) return told(text);
  const ways = [...moved.values()], entered = ways.filter((way) => way === "in").length, left = ways.length - entered;
  const change = ways.length ? ` (${say("{entered} new, {left} gone", { entered, left })})` : "";
  return `${many ? `${run} · ` : ""}${session}: ${say("{n} to buy", { n: number(buys) })}${change}`;
};

export const makeLog = (host) => {
  const list = make("ol", {});
  host.append(make("h2", {}, say("Updates")), list);
  let last = null;
  return { draw({ log, runs }) {
    if (log.at(-1) === last) return;
    last = log.at(-1);
    list.replaceChildren(...[...log].reverse().map((entry) => make("li", {},
      make("time", { datetime: entry.heard.toISOString() }, hour(entry.heard)), ` ${wordsOf(entry, runs.size > 1)}`)));
  } };
};
