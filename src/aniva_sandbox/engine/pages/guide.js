// The search of the guide. Without this module, the guide is the same pages without a search.

const MOST = 12;
const AROUND = 60; // characters of a text that are shown before and after what was found

const box = document.querySelector("search");
const [input, list, status] = ["input", "ul", "[role=status]"].map((each) => box.querySelector(each));
let sections = null;

/** The sections that have all words of a query, best first. A word in a heading counts more than one in a text. */
export function find(sections, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const scored = sections.map((section) => [scoreOf(section, words), section]).filter(([score]) => score > 0);
  return scored.sort(([a], [b]) => b - a).map(([, section]) => section);
}

function scoreOf({ topic, heading, text }, words) {
  const places = [heading, topic, text].map((each) => each.toLowerCase());
  let score = 0;
  for (const word of words) {
    const found = places.map((each) => each.includes(word));
    if (!found.some(Boolean)) return 0;
    score += found[0] * 10 + found[1] * 4 + found[2] * Math.min(3, places[2].split(word).length - 1);
  }
  return score;
}

/** The part of a text around the first of some words, and where the words are in it: [excerpt, [[from, to], …]]. */
export function excerptOf(text, words) {
  const low = text.toLowerCase();
  const places = words.map((word) => low.indexOf(word)).filter((place) => place >= 0);
  const first = places.length ? Math.max(0, Math.min(...places) - AROUND) : 0;
  const from = first > 0 ? low.indexOf(" ", first) + 1 : 0; // from a whole word on
  const shown = text.slice(from, from + 3 * AROUND);
  const excerpt = (from > 0 ? "… " : "") + shown + (from + shown.length < text.length ? " …" : "");
  const marks = [];
  for (const word of words) {
    const at = excerpt.toLowerCase().indexOf(word);
    if (at >= 0) marks.push([at, at + word.length]);
  }
  return [excerpt, marks.sort(([a], [b]) => a - b)];
}

function entryOf({ topic, heading, address, text }, words) {
  const entry = document.createElement("li");
  const link = Object.assign(document.createElement("a"), { href: address });
  const title = Object.assign(document.createElement("strong"), { textContent: heading });
  const place = Object.assign(document.createElement("small"), { textContent: heading === topic ? "" : topic });
  const shown = document.createElement("p");
  const [excerpt, marks] = excerptOf(text, words);
  let end = 0;
  for (const [from, to] of marks.filter(([at], index) => index === 0 || at >= marks[index - 1][1])) {
    const mark = Object.assign(document.createElement("mark"), { textContent: excerpt.slice(from, to) });
    shown.append(excerpt.slice(end, from), mark);
    end = to;
  }
  shown.append(excerpt.slice(end));
  link.append(title, " ", place, shown);
  entry.append(link);
  return entry;
}

async function search() {
  const query = input.value;
  sections ??= fetch(box.dataset.sections).then((response) => response.json());
  const found = find(await sections, query);
  if (query !== input.value) return; // the user has typed on
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  list.replaceChildren(...found.slice(0, MOST).map((section) => entryOf(section, words)));
  box.classList.toggle("open", words.length > 0);
  if (words.length === 0) status.textContent = "";
  else if (found.length === 0) {
    status.textContent = "Nothing found.";
    list.append(Object.assign(document.createElement("li"), { textContent: "Nothing found." }));
  } else status.textContent = `${found.length} found.`;
}

function close() {
  box.classList.remove("open");
}

/** Move the focus between the field and the results. */
function move(event) {
  const links = [...list.querySelectorAll("a")];
  const place = links.indexOf(document.activeElement);
  if (event.key === "Escape") {
    close();
    input.focus();
  } else if (event.key === "ArrowDown" && links.length) links[Math.min(place + 1, links.length - 1)].focus();
  else if (event.key === "ArrowUp" && place >= 0) (links[place - 1] ?? input).focus();
  else if (event.key === "Enter" && document.activeElement === input && links.length) links[0].click();
  else return;
  event.preventDefault();
}

box.hidden = false;
input.addEventListener("input", search);
input.addEventListener("focus", () => input.value && search());
box.addEventListener("keydown", move);
box.addEventListener("focusout", (event) => box.contains(event.relatedTarget) || close());
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.matches("input, textarea")) return;
  event.preventDefault();
  input.focus();
});
