"use strict";

// A form filters the rows in the element that it is in: its choices are classes of rows, its search is for their text.
class Filters {
  constructor(form) {
    const scope = form.parentElement;
    this.form = form;
    this.shown = form.querySelector("output");
    this.rows = [...scope.querySelectorAll(".items tbody tr, .finding")];
    this.texts = new Map(this.rows.map((row) => [row, row.textContent.toLowerCase()]));
    this.sections = [...scope.querySelectorAll("section")];
    this.total = this.rows.reduce((sum, row) => sum + weight(row), 0);
    form.addEventListener("input", () => this.apply());
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    this.apply();
  }

  apply() {
    const { search, ...choices } = Object.fromEntries(new FormData(this.form));
    const classes = Object.values(choices).filter(Boolean);
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of this.rows) {
      const chosen = classes.every((name) => row.classList.contains(name));
      row.hidden = !(chosen && words.every((word) => this.texts.get(row).includes(word)));
      count += row.hidden ? 0 : weight(row);
    }
    const full = classes.length === 0 && words.length === 0;
    for (const section of this.sections) {
      section.hidden = !full && section.querySelector("tbody tr:not([hidden]), .finding:not([hidden])") === null;
    }
    this.shown.value = `${count} of ${this.total} ${this.form.dataset.noun ?? "items"}`;
  }

  reset() {
    this.form.reset();
    this.apply();
  }
}

// A row may be about several findings.
function weight(row) {
  return Number(row.dataset.count ?? 1);
}

async function copy(code, label) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    label.data = "Copied";
  } catch {
    getSelection().selectAllChildren(code);
    label.data = "Selected";
  }
  setTimeout(() => { label.data = "Copy"; }, 2000);
}

for (const step of document.querySelectorAll(".step")) {
  const label = document.createTextNode("Copy");
  const whose = document.createElement("span");
  whose.className = "unseen";
  whose.textContent = ` ${step.dataset.whose ?? `the next step of ${step.closest("tr").cells[0].textContent}`}`;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.append(label, whose);
  button.addEventListener("click", () => copy(step.querySelector("code"), label));
  step.append(button);
}
const filters = [...document.querySelectorAll("form.filters")].map((form) => new Filters(form));
for (const link of document.querySelectorAll(".overview a")) {
  link.addEventListener("click", () => filters.forEach((each) => each.reset()));
}
