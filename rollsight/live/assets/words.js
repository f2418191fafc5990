// What the screen says: our sentences in the page's language, numbers, days and hours.
const { words } = rollsight;
export const { lang } = words;
export const DASH = "–";

export const say = (text, values = {}) => rollsight.fill(words.texts[text] ?? text, values);

// What the server says: a text of its own, or one by language.
export const told = (text) => {
  if (text && typeof text === "object") return text[lang] ?? text.en ?? "";
  return (text ?? "").split("; ").map((part) => words.texts[part] ?? part).join("; ");
};

export const verdictWord = (word) => words.verdicts[word] ?? "";

// Why: the sentence may begin with the word, which stands before it already.
export const verdictText = ({ word, sentence }) => {
  const text = told(sentence), known = verdictWord(word);
  const why = (text.startsWith(known) ? text.slice(known.length) : text).replace(/^[:.,\s]+/, "");
  return why ? `${why[0].toUpperCase()}${why.slice(1)}${/[.!?]$/.test(why) ? "" : "."}` : "";
};

export const price = (value) => {
  if (value === null || value === undefined) return DASH;
  return rollsight.number(value, Number.isInteger(value) || Math.abs(value) >= 1e4 ? 0 : 2);
};

export const { percent, number, money, make, draw } = rollsight;

export const scoreName = (score) => ({
  "p_up": say("p(UP)"),
  "p_up - p_down": say("p(UP) less p(DOWN)"),
  "rank of p_up": say("Rank of p(UP)"),
  "rank of p_up - p_down": say("Rank of p(UP) less p(DOWN)"),
  "place of p_up": say("Place by p(UP)"),
  "place of p_up - p_down": say("Place by p(UP) less p(DOWN)"),
})[score] ?? score;

const locale = lang === "ko" ? "ko-KR" : "en-GB";
const hours = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const minutes = new Intl.DateTimeFormat(locale,
  { hour: "2-digit", minute: "2-digit", hour12: false, timeZoneName: "short" });

export const hour = (instant) => hours.format(instant);
export const closing = (instant) => minutes.format(new Date(instant));

// How long ago, in the two largest units that say something.
export const age = (milliseconds) => {
  const all = Math.max(0, Math.floor(milliseconds / 60_000));
  const d = Math.floor(all / 1440), h = Math.floor(all / 60) % 24, m = all % 60;
  if (d) return say("{d} d {h} h", { d, h });
  if (h) return say("{h} h {m} min", { h, m });
  return say("{m} min", { m });
};
