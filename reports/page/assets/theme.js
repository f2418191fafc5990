// Runs before anything is drawn, so that the page does not flash in the other theme.
"use strict";
const rollsight = {
  kept() {
    // A page opened from a file may be refused its storage.
    try { return localStorage.getItem("rollsight-theme"); } catch { return null; }
  },
  keep(theme) {
    try { localStorage.setItem("rollsight-theme", theme); } catch { /* then it is not remembered */ }
  },
  theme() {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const kept = rollsight.kept();
    return kept === "dark" || kept === "light" ? kept : system;
  },
};
document.documentElement.dataset.theme = rollsight.theme();
document.documentElement.classList.add("js");
