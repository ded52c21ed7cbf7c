// The records of a world, in a table for each section that can be searched, sorted and paged.

import { get, worldPath } from "./control.js";
import { html, useRef } from "./html.js";
import { useData } from "./live.js";
import { RecordPage } from "./record-page.js";
import { RecordLink, Sections } from "./record-parts.js";
import { go, link } from "./routes.js";
import { Pager, Problem, Search, State } from "./ui.js";
import { plain } from "./words.js";

const LIMIT = 50;

export function RecordsPage(props) {
  const [section, id] = props.rest;
  if (id === undefined) return html`<${Section} ...${props} section=${section} />`;
  return html`<${RecordPage} key="${section}/${id}" ...${props} section=${section} id=${id} />`;
}

function Section({ name, version, section, query }) {
  const { search = "", state = "", sort = "" } = query;
  const offset = Math.max(0, Number.parseInt(query.offset, 10) || 0);
  const sent = { section, search, state, sort, offset, limit: LIMIT };
  const { data, error } = useData((options) => get(worldPath(name, "/records"), sent, options), [name, sent], version);
  const last = useRef(null); // the page before stays until the next one is there
  if (data !== null) last.current = data;
  const shown = data ?? last.current;
  const isCurrent = section === undefined || shown?.section === section;
  const top = useRef(null);
  const show = (change, options) => {
    const filters = { search, state, sort, ...change };
    go(link(name, "records", section ? [section] : [], filters), options);
  };
  const turn = (to) => {
    show({ offset: to || "" });
    top.current?.scrollIntoView({ block: "nearest" });
  };
  const title = shown?.sections.find((each) => each.name === (section ?? shown.section))?.title;
  return html`
    <h1 ref=${top}>Records</h1>
    ${shown && html`<${Sections} name=${name} sections=${shown.sections} current=${section ?? shown.section} />`}
    <${Problem} error=${error} world=${name} />
    ${shown && isCurrent && html`
      <h2 class="hidden-text">${title}</h2>
      <${Filters} view=${shown} title=${title} search=${search} state=${state} isFiltered=${Boolean(search || state)} show=${show} />
      <${Records} name=${name} view=${shown} title=${title} sort=${sort} busy=${data === null && error === null} isFiltered=${Boolean(search || state)} show=${show} />
      <${Pager} offset=${shown.offset} limit=${LIMIT} total=${shown.total} onGo=${turn} />`}
  `;
}

function Filters({ view, title, search, state, isFiltered, show }) {
  const all = view.sections.find((each) => each.name === view.section).count;
  return html`<div class="filters">
    <${Search} value=${search} label="Search ${title}" placeholder="Search" onSearch=${(text) => show({ search: text }, { replace: true })} />
    ${view.states.length > 0 && html`<select aria-label="State" value=${state} onChange=${({ target }) => show({ state: target.value })}>
      <option value="">any state</option>
      ${view.states.map((each) => html`<option value=${each}>${plain(each)}</option>`)}
    </select>`}
    ${isFiltered && html`<button type="button" onClick=${() => show({ search: "", state: "" })}>Show all</button>`}
    <span class="soft number" aria-live="polite">${isFiltered ? `${view.total.toLocaleString("en")} of ${all.toLocaleString("en")}` : ""}</span>
  </div>`;
}

function Records({ name, view, title, sort, busy, isFiltered, show }) {
  if (view.records.length === 0) {
    if (view.total > 0) return html`<p>This page is empty: there are fewer records. <button type="button" onClick=${() => show({})}>First page</button></p>`;
    return html`<p>${isFiltered ? "No record matches." : "There is no record here yet."}</p>`;
  }
  const hasStates = view.states.length > 0;
  const labels = { id: view.columns.includes("Id") ? "Key" : "Id", state: "State" }; // a record may have an id besides its key
  const sorted = (key) => html`<${SortHeader} name=${key} label=${labels[key] ?? key} sort=${sort} onSort=${(value) => show({ sort: value })} />`;
  return html`<div class="table" tabindex="0" role="region" aria-label=${title} aria-busy=${busy}>
    <table class="cards records">
      <thead>
        <tr>${sorted("id")}${hasStates && sorted("state")}${view.columns.map(sorted)}</tr>
      </thead>
      <tbody>
        ${view.records.map(
          (record) => html`<tr key=${record.id}>
            <th scope="row" class="mono"><${RecordLink} world=${name} section=${view.section} id=${record.id}>${record.id}<//></th>
            ${hasStates && html`<td data-label="State"><${State} value=${record.state} /></td>`}
            ${record.cells.map((cell, index) => html`<td data-label=${view.columns[index]} class=${isShort(cell) ? "nowrap number" : ""}>${cell === null ? html`<span class="soft">–</span>` : html`<bdi>${cell}</bdi>`}</td>`)}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

const isShort = (cell) => cell !== null && /^[\d .:+–-]+( UTC)?$/.test(cell); // numbers, dates and times keep their line

/** The head of a column; a click sorts by it, a second one the other way round, a third one not at all. */
function SortHeader({ name, label, sort, onSort }) {
  const way = sort === name ? "ascending" : sort === `-${name}` ? "descending" : "none";
  const next = { none: name, ascending: `-${name}`, descending: "" }[way];
  const arrow = { none: "", ascending: " ↑", descending: " ↓" }[way];
  return html`<th scope="col" aria-sort=${way}>
    <button type="button" class="plain" onClick=${() => onSort(next)}>${label}<span aria-hidden="true">${arrow}</span></button>
  </th>`;
}
