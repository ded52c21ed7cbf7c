// The journal of a world: its exchanges, newest first, and one of them opened.

import { call, get, worldPath } from "./control.js";
import { ExchangePage, TestDialog } from "./exchange-page.js";
import { html, useEffect, useMemo, useRef, useState } from "./html.js";
import { Filters, isFiltered } from "./journal-filters.js";
import { chosen, useFound, useJournal, useUnmatched } from "./journal-lines.js";
import { Lines, focusLine } from "./journal-table.js";
import { Unmatched } from "./journal-unmatched.js";
import { go, link } from "./routes.js";
import { Action, Copy, Problem, say } from "./ui.js";
import { counted } from "./words.js";

export function JournalPage({ name, world, version, refresh, rest, query }) {
  const { journal, error } = useJournal(name, version);
  const unmatched = useUnmatched(world);
  const [problem, setProblem] = useState(null);
  const [making, setMaking] = useState(false);
  const found = useFound(name, query.search, version);
  const lines = useMemo(() => chosen(journal.lines ?? [], query, found), [journal, query, found]);
  const opened = rest.length > 0 ? Number(rest[0]) : null;
  useReturn(opened);
  const filter = (values, { replace = false } = {}) => go(link(name, "journal", rest, { ...query, ...values }), { replace });
  const clear = async () => {
    await call("DELETE", worldPath(name, "/journal"));
    say("Cleared the journal.");
    if (opened !== null) go(link(name, "journal", [], query));
    refresh();
  };
  const numbers = isFiltered(query) ? new Set(lines.map((line) => line.number)) : null;
  const isEmpty = lines.length === 0;
  return html`
    <div class="head">
      <h1>Journal</h1>
      <p class="buttons of-list">
        <button type="button" disabled=${isEmpty} title="A pytest function that makes the listed calls" onClick=${() => setMaking(true)}>Make a test of the list</button>
        <${Action} disabled=${isEmpty} run=${() => saveHar(name, numbers)} onError=${setProblem} title="The listed exchanges as an HTTP archive, which the developer tools of browsers open">Download HAR<//>
        <${Action} disabled=${!journal.lines?.length} run=${clear} onError=${setProblem}>Clear the journal<//>
      </p>
    </div>
    <${Problem} error=${problem ?? error} world=${name} />
    <div class="journal ${opened !== null ? "opened" : ""}">
      <section class="list" aria-label="Exchanges">
        <${Unmatched} ...${unmatched} world=${name} />
        <${Filters} lines=${journal.lines ?? []} query=${query} onFilter=${filter} />
        ${journal.lines && html`<${Count} journal=${journal} shown=${lines.length} />`}
        ${journal.lines?.length === 0 && html`<${Empty} journal=${journal} world=${world} />`}
        ${journal.lines?.length > 0 && isEmpty && html`<p>No exchange passes the filters.</p>`}
        ${!isEmpty && html`<${Lines} key=${JSON.stringify(query)} name=${name} lines=${lines} query=${query} opened=${opened} now=${world.clock.now} />`}
      </section>
      ${opened !== null && html`<${ExchangePage} name=${name} number=${opened} turn=${journal.turn} lines=${lines} query=${query} refresh=${refresh} />`}
    </div>
    ${making && html`<${TestDialog} name=${name} title="A test of the list" query=${numbers ? { number: [...numbers] } : {}} onClose=${() => setMaking(false)} />`}
  `;
}

/** Puts the focus back to the line of an exchange that was closed. */
function useReturn(opened) {
  const before = useRef(opened);
  useEffect(() => {
    if (opened === null && before.current !== null) focusLine(before.current);
    before.current = opened;
  }, [opened]);
}

function Count({ journal, shown }) {
  const all = journal.lines.length;
  if (all === 0) return null;
  return html`<p class="soft count">
    ${shown === all ? counted(all, "exchange") : `${shown.toLocaleString("en")} of ${counted(all, "exchange")}`}
    ${journal.dropped > 0 && html`, ${counted(journal.dropped, "older one")} dropped because the journal is limited`}
  </p>`;
}

function Empty({ journal, world }) {
  if (journal.dropped > 0) return html`<p>This server keeps no exchanges: it was started with <code>--max-journal 0</code>.</p>`;
  return html`<p>${world.recorded === 0 ? "Nothing has been called yet." : "The journal is empty."} Calls with the key <code>${world.key}</code> appear here. <${Copy} text=${world.key} label="Copy key" /></p>`;
}

/** Saves the archive of a journal, or of the exchanges with these numbers. */
async function saveHar(name, numbers) {
  const archive = await get(worldPath(name, "/journal"), { format: "har" });
  if (numbers) archive.log.entries = archive.log.entries.filter((entry) => numbers.has(entry._number));
  const address = URL.createObjectURL(new Blob([JSON.stringify(archive)], { type: "application/har+json" }));
  const anchor = Object.assign(document.createElement("a"), { href: address, download: `${name}.har` });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
