// What happened and what will happen in a world, as one list in the order of time, with now in it.

import { get, worldPath } from "./control.js";
import { Details, EventType, Marks, Target, happenNow, targetOf } from "./event-view.js";
import { html, useRef, useState } from "./html.js";
import { useData } from "./live.js";
import { Action, Problem, Time } from "./ui.js";
import { instant, iso } from "./words.js";

const PAST = 8; // events of the history that are shown at first
const FUTURE = 50; // events of the agenda that are shown at first
const MORE = 100; // events that a button adds

/**
 * The events of a world. `filter` may have the `type` and the `record` of those to show. `fresh` has those, as JSON, that
 * the last move of the clock brought about.
 */
export function AgendaList({ name, world, version, now, types, filter, fresh, refresh, onMove }) {
  const [past, setPast] = useState(PAST);
  const [future, setFuture] = useState(FUTURE);
  const [failed, setFailed] = useState(null);
  const here = useRef(null);
  const load = (options) => loadEvents(name, filter, past, future, options);
  const { data, error } = useData(load, [name, filter], `${version} ${past} ${future}`);
  if (data === null) return html`<${Problem} error=${error} world=${name} />`;
  const { history, agenda, hasEarlier, hasLater } = data;
  const attempt = async (event, run) => {
    try {
      await run();
      setFailed(null);
      here.current?.focus({ preventScroll: true }); // the row with the button moves or goes
    } catch (problem) {
      setFailed({ number: event.number, problem });
    }
  };
  const happen = (event) =>
    attempt(event, async () => {
      await happenNow(name, event);
      refresh();
    });
  const move = (event) => attempt(event, () => onMove(event));
  const problemOf = (event) => (failed?.number === event.number ? failed.problem : null);
  const keys = keysOf(history);
  return html`
    <${Problem} error=${error} world=${name} />
    <div class="table" tabindex="0" role="region" aria-label="Agenda and history">
      <table class="cards events">
        <thead>
          <tr><th scope="col">Time, UTC</th><th scope="col">Event</th><th scope="col"><span class="hidden-text">Actions</span></th></tr>
        </thead>
        <tbody>
          ${hasEarlier && html`<${More} key="earlier" label="Show earlier events" onMore=${() => setPast(past + MORE)} />`}
          ${history.map((event, at) => html`<${Past} key=${keys[at]} ...${{ name, event, types, now }} isFresh=${fresh.has(JSON.stringify(event))} />`)}
          <tr key="now" class="now" ref=${here} tabindex="-1">
            <th scope="row" colspan="3">
              <span>Now</span> <time datetime=${iso(now)}>${instant(now)}</time> <span class="badge ${world.clock.mode}">${world.clock.mode === "frozen" ? "frozen" : "running"}</span>
            </th>
          </tr>
          ${agenda.map((event) => html`<${Future} key=${event.number} ...${{ name, event, types, now }} problem=${problemOf(event)} onHappen=${happen} onMove=${move} />`)}
          ${agenda.length === 0 && html`<tr key="none"><td colspan="3" class="soft">${filter.type || filter.record ? "No such event is waiting." : "Nothing is waiting in the agenda."}</td></tr>`}
          ${hasLater && html`<${More} key="later" label="Show later events" onMore=${() => setFuture(future + MORE)} />`}
        </tbody>
      </table>
    </div>
  `;
}

/** The newest events of the history and the soonest of the agenda, and whether there are more. */
async function loadEvents(name, filter, past, future, options) {
  const [history, agenda] = await Promise.all([
    get(worldPath(name, "/events"), { ...filter, last: past + 1 }, options),
    get(worldPath(name, "/agenda"), { ...filter, limit: future + 1 }, options),
  ]);
  return { history: history.slice(-past), agenda: agenda.slice(0, future), hasEarlier: history.length > past, hasLater: agenda.length > future };
}

/** Keys of past events, which have no number: the same event has the same key, wherever it is in the list. */
function keysOf(history) {
  const seen = new Map();
  return history.map((event) => {
    const text = JSON.stringify(event);
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    return `${text} ${count}`;
  });
}

function More({ label, onMore }) {
  return html`<tr class="more"><td colspan="3"><button type="button" onClick=${onMore}>${label}</button></td></tr>`;
}

function Past({ name, event, types, now, isFresh }) {
  return html`<tr class="past ${isFresh ? "fresh" : ""}"><${Cells} ...${{ name, event, types, now }} /><td></td></tr>`;
}

function Future({ name, event, types, now, problem, onHappen, onMove }) {
  const which = html`<span class="hidden-text">${event.type} ${targetOf(event, types)?.id}</span>`;
  return html`<tr>
      <${Cells} ...${{ name, event, types, now }} />
      <td class="buttons">
        <${Action} run=${() => onHappen(event)}>Happen now${which}<//>
        <${Action} run=${() => onMove(event)} kind="plain" title="Advance the clock to this event">Advance to it${which}<//>
      </td>
    </tr>
    ${problem && html`<tr class="failed"><td colspan="3"><${Problem} error=${problem} world=${name} /></td></tr>`}`;
}

function Cells({ name, event, types, now }) {
  return html`<th scope="row"><${Time} at=${event.time} now=${now} /></th>
    <td>
      <${EventType} name=${name} type=${event.type} /> <${Marks} event=${event} />
      <div><${Target} ...${{ name, event, types }} /> <${Details} event=${event} types=${types} /></div>
      ${event.skipped && html`<div>${event.skipped}</div>`}
    </td>`;
}
