// Filters and sorts the list that is already there. Without it every record is on the page all the same.
"use strict";
(() => {
  const form = document.getElementById("filter");
  const groups = document.getElementById("groups");
  if (!form || !groups) return;
  const chosen = (name) => document.getElementById(name);
  const sections = [...groups.children];
  const rows = [...document.querySelectorAll("tr[data-state]")];
  const bodies = [...new Set(rows.map((row) => row.parentElement))];
  const placed = new Map(rows.map((row, place) => [row, place]));
  const found = chosen("found");
  const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const orders = {
    "": (a, b) => placed.get(a) - placed.get(b),
    due: (a, b) => byText(a.dataset.due || "9999", b.dataset.due || "9999"),
    age: (a, b) => Number(b.dataset.age) - Number(a.dataset.age),
    record: (a, b) => byText(a.cells[0].textContent.trim(), b.cells[0].textContent.trim()),
  };
  const wanted = (row) =>
    (!chosen("by-check").value || chosen("by-check").value === row.closest("[data-check]").dataset.check) &&
    (!chosen("by-state").value || chosen("by-state").value === row.dataset.state) &&
    (!chosen("by-severity").value || chosen("by-severity").value === row.dataset.severity) &&
    (!chosen("by-overdue").checked || "overdue" in row.dataset);
  const sort = (order) => {
    const stable = (a, b) => order(a, b) || placed.get(a) - placed.get(b);
    bodies.forEach((body) => body.append(...[...body.rows].sort(stable)));
    if (order === orders.record || order === orders[""]) {
      groups.append(...sections);
      return;
    }
    const first = new Map(sections.map((section) => [section, section.querySelector("tbody").rows[0]]));
    groups.append(...[...sections].sort((a, b) => stable(first.get(a), first.get(b))));
  };
  const show = () => {
    sort(orders[chosen("by-order").value]);
    rows.forEach((row) => { row.hidden = !wanted(row); });
    document.querySelectorAll("[data-holds-rows]").forEach((part) => {
      part.hidden = !part.querySelector("tr[data-state]:not([hidden])");
    });
    const shown = rows.filter((row) => !row.hidden).length;
    found.textContent = shown === rows.length
      ? `All ${rows.length.toLocaleString("en-GB")} records of this page are shown.`
      : shown ? `${shown.toLocaleString("en-GB")} of ${rows.length.toLocaleString("en-GB")} records of this page are shown.`
        : "No record of this page is like that. Choose less, or show everything.";
  };
  form.hidden = false;
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  form.reset();
  addEventListener("beforeprint", () => { form.reset(); });
})();
