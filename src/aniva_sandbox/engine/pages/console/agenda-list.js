// What happened and what will happen in a world, as one list in the order of time, with now in it.

import { post, worldPath } from "./control.js";
import { Details, EventType, Target, targetOf } from "./event-view.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { Action, Problem, Time, say } from "./ui.js";
import { counted, instant, iso } from "./words.js";

const PAST = 8; // events of the history that are shown at first
const FUTURE = 50; // events of the agenda that are shown at first
const MORE = 100; // events that a button adds

/**
 * The events of a world: `history` oldest first, `agenda` soonest first. `fresh` are the newest of the history that the
 * last move brought about; `filtered` says that others are left out.
 */
export function AgendaList({ name, world, now, types, history, agenda, fresh, filtered, refresh, onMove }) {
  const [past, setPast] = useState(PAST);
  const [future, setFuture] = useState(FUTURE);
  const [failed, setFailed] = useState(null);
  const here = useRef(null);
  const shown = history.slice(-Math.max(past, Math.min(fresh, MORE)));
  const coming = agenda.slice(0, future);
  const earlier = history.length - shown.length;
  const later = agenda.length - coming.length;
  const attempt = async (event, run) => {
    try {
      await run();
      setFailed(null);
      here.current?.focus({ preventScroll: true }); // the row with the button moves or goes
    } catch (error) {
      setFailed({ number: event.number, error });
    }
  };
  const happen = (event) =>
    attempt(event, async () => {
      await post(worldPath(name, "/agenda/happen"), { number: event.number });
      say(`${event.type} happened.`);
      refresh();
    });
  const row = (event, key, extra) => html`<${Row} key=${key} ...${{ name, event, types, now, ...extra }} />`;
  return html`<div class="table" tabindex="0" role="region" aria-label="Events">
    <table class="cards events">
      <thead>
        <tr><th scope="col">Time, UTC</th><th scope="col">Event</th><th scope="col"><span class="hidden-text">Actions</span></th></tr>
      </thead>
      <tbody>
        ${earlier > 0 && html`<${More} key="earlier" count=${earlier} noun="earlier event" onMore=${() => setPast(shown.length + MORE)} />`}
        ${shown.map((event, at) => row(event, `past-${earlier + at}`, { isPast: true, isFresh: shown.length - at <= fresh }))}
        <tr key="now" class="now" ref=${here} tabindex="-1">
          <th scope="row" colspan="3">
            <span>Now</span> <time datetime=${iso(now)}>${instant(now)}</time> <span class="badge ${world.clock.mode}">${world.clock.mode === "frozen" ? "frozen" : "running"}</span>
          </th>
        </tr>
        ${coming.map((event) => row(event, event.number, { failed: failed?.number === event.number ? failed.error : null, onHappen: happen, onMove: (each) => attempt(each, () => onMove(each)) }))}
        ${agenda.length === 0 && html`<tr key="none"><td colspan="3" class="soft">${filtered ? "No such event is waiting." : "Nothing is waiting in the agenda."}</td></tr>`}
        ${later > 0 && html`<${More} key="later" count=${later} noun="later event" onMore=${() => setFuture(coming.length + MORE)} />`}
      </tbody>
    </table>
  </div>`;
}

function More({ count, noun, onMore }) {
  return html`<tr class="more"><td colspan="3"><button type="button" onClick=${onMore}>Show ${Math.min(MORE, count)} of ${counted(count, noun)}</button></td></tr>`;
}

function Row({ name, event, types, now, isPast = false, isFresh = false, failed = null, onHappen, onMove }) {
  const about = `: ${event.type}${event.number === undefined ? "" : `, ${targetOf(event, types)?.id ?? event.number}`}`;
  const kind = [isPast && "past", isFresh && "fresh"].filter(Boolean).join(" ");
  return html`<tr class=${kind}>
      <th scope="row"><${Time} at=${event.time} now=${now} /></th>
      <td>
        <${EventType} name=${name} type=${event.type} /> ${!event.automatic && html`<span class="badge" title="Not planned by the sandbox">by hand</span>`}
        <div><${Target} ...${{ name, event, types }} /> <${Details} event=${event} types=${types} /></div>
        ${event.skipped && html`<div><span class="status warn">skipped</span> ${event.skipped}</div>`}
      </td>
      <td class="buttons">
        ${!isPast &&
        html`<${Action} run=${() => onHappen(event)}>Happen now<span class="hidden-text">${about}</span><//>
          <${Action} run=${() => onMove(event)} kind="plain" title="Advance the clock to this event">Advance to it<span class="hidden-text">${about}</span><//>`}
      </td>
    </tr>
    ${failed && html`<tr class="failed"><td colspan="3"><${Problem} error=${failed} world=${name} /></td></tr>`}`;
}
