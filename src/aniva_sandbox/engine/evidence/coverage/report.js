"use strict";
const filters = document.getElementById("filters");
const shown = document.getElementById("shown");
const rows = [...document.querySelectorAll(".items tbody tr")];
const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
const sections = [...document.querySelectorAll("section")];

function filter() {
  const state = filters.elements.state.value;
  const words = filters.elements.search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const full = state === "" && words.length === 0;
  let count = 0;
  for (const row of rows) {
    const fits = (state === "" || row.className === state) && words.every((word) => texts.get(row).includes(word));
    row.hidden = !fits;
    count += fits;
  }
  for (const section of sections) {
    section.hidden = !full && section.querySelector("tbody tr:not([hidden])") === null;
  }
  shown.value = `${count} of ${rows.length} items`;
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
  whose.textContent = ` the next step of ${step.closest("tr").cells[0].textContent}`;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.append(label, whose);
  button.addEventListener("click", () => copy(step.querySelector("code"), label));
  step.append(button);
}
for (const link of document.querySelectorAll(".overview a")) {
  link.addEventListener("click", () => { filters.reset(); filter(); });
}
filters.addEventListener("input", filter);
filters.addEventListener("submit", (event) => event.preventDefault());
filters.hidden = false;
filter();
