// What is shown of a journal. The filters are part of the address, so that a link can be sent.

import { html, useMemo } from "./html.js";
import { ONLY, valuesOf } from "./journal-lines.js";
import { Search } from "./ui.js";

const NAMES = ["search", "operation", "status", "rule", "only"];
const CLASSES = ["2xx", "4xx", "5xx"];

export const isFiltered = (query) => NAMES.some((name) => query[name]);

/** `onFilter` gets the filters that change; a search replaces the place in the history of the tab. */
export function Filters({ lines, query, onFilter }) {
  const { operations, statuses, rules } = useMemo(() => valuesOf(lines), [lines]);
  const choose = (name) => (value) => onFilter({ [name]: value });
  const none = Object.fromEntries(NAMES.map((name) => [name, undefined]));
  return html`<div class="filters" role="search" aria-label="Exchanges">
    <${Search} value=${query.search ?? ""} label="Search in method, path and ids" placeholder="Method, path or id" onSearch=${(search) => onFilter({ search }, { replace: true })} />
    <${Choice} label="Operation" all="All operations" value=${query.operation} values=${operations} onChoose=${choose("operation")} />
    <${Choice} label="Status" all="All statuses" value=${query.status} values=${[...CLASSES, ...statuses]} onChoose=${choose("status")} />
    <${Choice} label="Rule" all="All rules" value=${query.rule} values=${rules} onChoose=${choose("rule")} />
    <${Choice} label="Only" all="All calls" value=${query.only} values=${Object.keys(ONLY)} titles=${TITLES} onChoose=${choose("only")} />
    ${isFiltered(query) && html`<button type="button" onClick=${() => onFilter(none)}>Clear filters</button>`}
  </div>`;
}

const TITLES = { __proto__: null, refused: "Only refused", hints: "Only with hints", faults: "Only with faults" };

function Choice({ label, all, value = "", values, titles = {}, onChoose }) {
  const offered = value && !values.includes(value) ? [value, ...values] : values;
  return html`<select aria-label=${label} value=${value} onChange=${({ target }) => onChoose(target.value)}>
    <option value="">${all}</option>
    ${offered.map((each) => html`<option key=${each} value=${each}>${titles[each] ?? each}</option>`)}
  </select>`;
}
