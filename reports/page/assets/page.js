// The frame of the page: theme, contents, printing, and how numbers are written.
rollsight.json = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");
rollsight.words = rollsight.json("page-words");

// Read what Python packed: base64 of gzip of JSON.
rollsight.unpack = async (id) => {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
};

rollsight.fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

rollsight.number = (() => {
  const made = {};
  return (value, digits = 0) => {
    made[digits] ??= new Intl.NumberFormat("en-US", {
      minimumFractionDigits: digits, maximumFractionDigits: digits, roundingMode: "halfEven",
    });
    return value === null || value === undefined ? "–" : made[digits].format(value);
  };
})();

rollsight.percent = (value, digits = 1, sign = false) => {
  if (value === null || value === undefined) return "–";
  return `${sign && value >= 0 ? "+" : ""}${rollsight.number(100 * value, digits)} %`;
};

rollsight.money = (value, currency) => {
  if (value === null || value === undefined) return "–";
  const text = rollsight.number(value, currency === "KRW" || currency === "JPY" ? 0 : 2);
  const mark = { KRW: "₩", USD: "$" }[currency] ?? `${currency} `;
  return text.startsWith("-") ? `-${mark}${text.slice(1)}` : mark + text;
};

// Make an element; text is never read as HTML.
rollsight.make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

rollsight.draw = (tag, attributes = {}, text = "") => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
};

(() => {
  const root = document.documentElement, button = document.getElementById("theme");
  const show = () => {
    const dark = rollsight.theme() === "dark";
    root.dataset.theme = dark ? "dark" : "light";
    button.textContent = dark ? rollsight.words.light : rollsight.words.dark;
    button.setAttribute("aria-pressed", String(dark));
    document.dispatchEvent(new Event("theme"));
  };
  // Where nothing can be stored, the choice holds as long as the page is open.
  button.addEventListener("click", () => {
    const chosen = root.dataset.theme === "dark" ? "light" : "dark";
    rollsight.keep(chosen);
    rollsight.theme = () => chosen;
    show();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();
})();

(() => {
  const links = new Map();
  for (const link of document.querySelectorAll("nav ol a")) links.set(link.hash.slice(1), link);
  const sections = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const mark = () => {
    const passed = sections.filter((s) => s.getBoundingClientRect().top < innerHeight * 0.35);
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const current = atEnd ? sections.at(-1) : passed.at(-1) ?? sections[0];
    for (const [id, link] of links) {
      if (id === current?.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; mark(); });
  }, { passive: true });
  mark();
})();

// Folded parts open for print, for the links that lead into them, and all at once.
(() => {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of opened) details.open = false; });

  const reveal = (hash) => {
    const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (!target) return;
    const own = target.querySelector(":scope > details.more");
    if (own) own.open = true;
    for (let d = target.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (link) reveal(link.hash);
  });
  addEventListener("hashchange", () => reveal(location.hash));
  reveal(location.hash);

  const contents = document.querySelector(".contents"), wide = matchMedia("(min-width: 1121px)");
  const unroll = () => { if (contents) contents.open = wide.matches; };
  wide.addEventListener("change", unroll);
  unroll();

  const button = document.getElementById("unfold");
  const parts = [...document.querySelectorAll("section > details")];
  if (!button || !parts.length) return;
  const label = () => {
    const all = parts.every((d) => d.open);
    button.textContent = all ? rollsight.words.fold : rollsight.words.unfold;
    return all;
  };
  button.addEventListener("click", () => {
    const all = label();
    for (const details of parts) details.open = !all;
    label();
  });
  for (const details of parts) details.addEventListener("toggle", label);
  button.hidden = false;
  label();
})();

// A box that scrolls is reached by the keyboard.
for (const box of document.querySelectorAll(".scroll")) box.tabIndex = 0;
