// One record with everything that belongs to it.

import { get, worldPath } from "./control.js";
import { useEventTypes } from "./event-view.js";
import { indented } from "./exchange-bodies.js";
import { html, useEffect, useState } from "./html.js";
import { useData } from "./live.js";
import { Measurements } from "./ranges.js";
import { EventList, RecordLink, Sections, RecordText } from "./record-parts.js";
import { EventDialog, RecordState, useAftermath } from "./record-state.js";
import { link } from "./routes.js";
import { Action, Copy, Problem, State, say } from "./ui.js";
import { plain } from "./words.js";

const PERIOD = 10_000; // facts may change with the time alone
const FEW = 5; // related records of a section that are shown at first

export function RecordPage({ name, world, version, refresh, section, id }) {
  const beat = useBeat(world);
  const load = (options) => get(worldPath(name, "/record"), { section, id }, options);
  const { data: record, error } = useData(load, [name, section, id], `${version} ${beat}`);
  const { data: list } = useData((options) => get(worldPath(name, "/records"), { limit: 1 }, options), [name], version);
  const sections = list?.sections ?? [];
  const isGone = error?.status === 404;
  return html`
    ${list && html`<${Sections} name=${name} sections=${sections} current=${section} isWhole=${false} />`}
    ${isGone ? html`<${Gone} name=${name} id=${id} wasThere=${record !== null} />` : html`<${Problem} error=${error} world=${name} />`}
    ${record && !isGone && html`<${Record} name=${name} world=${world} record=${record} sections=${sections} refresh=${refresh} />`}
    ${record === null && error === null && html`<h1><bdi class="mono">${id}</bdi></h1>`}
  `;
}

/** A new number every ten seconds where the clock runs. */
function useBeat(world) {
  const [beat, setBeat] = useState(0);
  const runs = world.clock.mode === "real";
  useEffect(() => {
    if (!runs) return undefined;
    const timer = setInterval(() => document.hidden || setBeat((count) => count + 1), PERIOD);
    return () => clearInterval(timer);
  }, [runs]);
  return beat;
}

function Gone({ name, id, wasThere }) {
  return html`
    <h1><bdi class="mono">${id}</bdi></h1>
    <p class="notice bad" role="alert">${wasThere ? "This record is gone: it was deleted, or the world was reset or restored." : "There is no such record in this world."}</p>
    <p><${Calls} name=${name} id=${id} /></p>
  `;
}

const Calls = ({ name, id }) => html`<a href=${link(name, "journal", [], { search: id })}>Calls about it</a>`;

function Record({ name, world, record, sections, refresh }) {
  const { id, state, facts, measurements, related, files } = record;
  const types = useEventTypes();
  const fields = html`<${Fields} fields=${record.fields} />`;
  return html`
    <div class="record-head">
      <h1><bdi>${record.name}</bdi></h1>
      <p class="record-line">
        ${state && html`<${State} value=${state.now} />`} <code>${id}</code> <${Copy} text=${id} label="Copy id" /> <${Calls} name=${name} id=${id} />
      </p>
    </div>
    <div class="record">
      <div>
        ${state?.moves.length > 0 && html`<${RecordState} name=${name} record=${record} types=${types} refresh=${refresh} />`}
        ${facts.length > 0 && html`<section class="record-part" aria-label="Facts"><h2>Facts</h2><${Facts} facts=${facts} world=${world} /></section>`}
        ${measurements.length === 0 && fields}
      </div>
      <div>
        ${files.length > 0 && html`<section class="record-part" aria-label="Files"><h2>Files</h2><${Files} name=${name} files=${files} /></section>`}
        ${related.length > 0 && html`<section class="record-part" aria-label="Related"><h2>Related</h2><${Related} name=${name} record=${record} sections=${sections} world=${world} /></section>`}
        <${Events} name=${name} world=${world} record=${record} types=${types} refresh=${refresh} />
      </div>
    </div>
    ${measurements.length > 0 && html`<section class="record-part" aria-label="Results"><h2>Results</h2><${Measurements} measurements=${measurements} /></section>${fields}`}
  `;
}

function Fields({ fields }) {
  const text = indented(JSON.stringify(fields));
  return html`<section class="record-part" aria-label="Fields">
    <div class="head"><h2>Fields</h2> <${Copy} text=${text} label="Copy JSON" /></div>
    <pre class="fields" tabindex="0" role="region" aria-label="Fields as JSON"><code>${text}</code></pre>
  </section>`;
}

function Facts({ facts, world }) {
  return html`<dl class="record-facts">
    ${facts.map(
      ({ label, value, note }) => html`<div>
        <dt>${label}</dt>
        <dd><${RecordText} text=${value} world=${world} />${note && html`<span class="record-note soft"><${RecordText} text=${note} world=${world} /></span>`}</dd>
      </div>`,
    )}
  </dl>`;
}

function Related({ name, world, record, sections }) {
  const found = [...new Set(record.related.map((each) => each.section))];
  const titleOf = (section) => sections.find((each) => each.name === section)?.title ?? plain(section);
  return html`
    ${found.map((section) => {
      const records = record.related.filter((each) => each.section === section);
      return html`<h3>${titleOf(section)}</h3><${RelatedList} key=${section} name=${name} world=${world} records=${records} />`;
    })}
    ${record.more_related && html`<p class="soft">There are more than ${record.related.length} related records.</p>`}
  `;
}

function RelatedList({ name, world, records }) {
  const [all, setAll] = useState(false);
  const shown = all ? records : records.slice(0, FEW);
  return html`
    <ul class="record-related">
      ${shown.map(
        (each) => html`<li key=${each.id}>
          <${RecordLink} world=${name} section=${each.section} id=${each.id}>${each.name}<//>
          ${each.note && html`<span class="record-note soft"><${RecordText} text=${plain(each.note)} world=${world} /></span>`}
        </li>`,
      )}
    </ul>
    ${shown.length < records.length && html`<p><button type="button" onClick=${() => setAll(true)}>Show all ${records.length}</button></p>`}
  `;
}

function Events({ name, world, record, types, refresh }) {
  const { id, agenda, history, event_types: offered } = record;
  const [problem, setProblem] = useState(null);
  const [filling, setFilling] = useState(false);
  const [heading, onMade] = useAftermath(refresh);
  const shared = { name, world, types };
  if (offered.length + agenda.length + history.length === 0) return null; // no event can be about it
  return html`
    <section class="record-part" aria-label="Agenda">
      <div class="head">
        <h2 ref=${heading} tabindex="-1">Agenda</h2>
        ${types && offered.length > 0 && html`<button type="button" onClick=${() => setFilling(true)}>Make an event happen…</button>`}
      </div>
      <${Problem} error=${problem} world=${name} />
      ${agenda.length > 0
        ? html`<${EventList} ...${shared} events=${agenda} label="What will happen" onHappen=${onMade} onError=${setProblem} />`
        : html`<p class="soft">Nothing is waiting in the agenda.</p>`}
      ${filling && html`<${EventDialog} name=${name} id=${id} types=${types} offered=${offered} onClose=${() => setFilling(false)} onMade=${onMade} />`}
    </section>
    <section class="record-part" aria-label="History">
      <h2>History</h2>
      ${history.length > 0
        ? html`<${EventList} ...${shared} events=${[...history].reverse()} label="What happened, newest first" />`
        : html`<p class="soft">No event has happened to it.</p>`}
    </section>
  `;
}

// Files

const SHOWN = ["application/pdf", "image/png", "image/jpeg", "text/plain"]; // a tab shows them and runs nothing of them

function Files({ name, files }) {
  const [problem, setProblem] = useState(null);
  return html`
    <${Problem} error=${problem} world=${name} />
    <ul class="record-files">
      ${files.map(
        (file) => html`<li key=${file.id}>
          <bdi>${file.name}</bdi>
          <span class="buttons">
            <${Action} run=${() => openFile(name, file)} onError=${setProblem}>Open<//>
            <${Action} run=${() => saveFile(name, file)} onError=${setProblem}>Save<//>
          </span>
        </li>`,
      )}
    </ul>
  `;
}

const fetchFile = (name, { section, id }) => get(worldPath(name, "/record/file"), { section, id }, { as: "blob" });

/** Show a file in a new tab. Files that a tab could run are saved instead. */
async function openFile(name, file) {
  const tab = window.open("about:blank"); // at once, as long as the click allows it
  try {
    const blob = await fetchFile(name, file);
    if (tab !== null && SHOWN.includes(blob.type.split(";")[0])) {
      tab.location.replace(addressOf(blob));
      return;
    }
    tab?.close();
    save(blob, file.name);
  } catch (error) {
    tab?.close();
    throw error;
  }
}

async function saveFile(name, file) {
  save(await fetchFile(name, file), file.name);
}

function save(blob, name) {
  const anchor = document.createElement("a");
  anchor.href = addressOf(blob);
  anchor.download = name;
  anchor.click();
  say(`Saved ${name}.`);
}

function addressOf(blob) {
  const address = URL.createObjectURL(blob);
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // by then it is loaded
  return address;
}
