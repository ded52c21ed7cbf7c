// The clock of a world: how it runs, and moving it.

import { call, post, worldPath } from "./control.js";
import { EventType, Target } from "./event-view.js";
import { html, useId, useState } from "./html.js";
import { Action, Problem } from "./ui.js";
import { away, counted, instant, iso, parseSpan, span } from "./words.js";

const HOUR = 3600;
const DAY = 24 * HOUR;
const LISTED = 12; // events of a move

/**
 * The clock, with all that moves it. `onMoved` gets {from, to, events} after each move.
 */
export function ClockPanel({ name, world, now, onMoved }) {
  const waiting = Object.keys(world.waiting);
  const [error, setError] = useState(null);
  const [amount, setAmount] = useState("");
  const [until, setUntil] = useState("");
  const [to, setTo] = useState("");
  const frozen = world.clock.mode === "frozen";
  const move = async (body) => moved(await post(worldPath(name, "/clock/advance"), body));
  const moved = ({ clock, events }) => onMoved({ from: iso(now), to: clock.now, events });
  const switched = async () => moved(await call("PUT", worldPath(name, "/clock"), { body: { mode: frozen ? "real" : "frozen" } }));
  // A running clock may pass the next event before the call arrives.
  const next = () => move(frozen ? { to: world.due } : { seconds: Math.max(0, Math.ceil((new Date(world.due) - now) / 1000)) });
  const type = waiting.includes(until) ? until : (waiting[0] ?? "");
  const by = async () => {
    await move({ seconds: parseSpan(amount) });
    setAmount("");
  };
  const set = async () => {
    if (!to) throw Object.assign(new Error("Choose an instant."), { status: 400 });
    await move({ to: iso(`${to}Z`) });
    setTo("");
  };
  return html`<section class="clock-panel" aria-labelledby="clock-title">
    <h2 id="clock-title">Clock</h2>
    <p class="now-line">
      <time datetime=${iso(now)}>${instant(now)}</time> UTC${" "}
      <span class="badge ${world.clock.mode}">${frozen ? "frozen" : "running"}</span>
    </p>
    <p class="buttons">
      <${Action} run=${switched} onError=${setError} title=${frozen ? "The clock runs on with the machine's" : "The clock stays as it is until it is moved"}>${frozen ? "Let it run" : "Freeze"}<//>
      <${Action} run=${() => move({ seconds: HOUR })} onError=${setError}>+ 1 h<//>
      <${Action} run=${() => move({ seconds: DAY })} onError=${setError}>+ 1 d<//>
      <${Action} run=${next} onError=${setError} disabled=${world.due === null} title=${world.due ? instant(world.due) : "The agenda is empty"}>To the next event${world.due && ` (${away(world.due, now)})`}<//>
    </p>
    <${Line} label="Advance by" verb="Advance" run=${by} onError=${setError}>
      ${(id) => html`<input id=${id} value=${amount} placeholder="90 min, 2 d 4 h" autocomplete="off" onInput=${({ target }) => setAmount(target.value)} />`}
    <//>
    <${Line} label="Advance until an event happens" verb="Advance" run=${() => move({ until: type })} onError=${setError} disabled=${type === ""}>
      ${(id) => html`<select id=${id} value=${type} disabled=${type === ""} onChange=${({ target }) => setUntil(target.value)}>
        ${type === "" && html`<option value="">the agenda is empty</option>`}
        ${waiting.map((each) => html`<option key=${each} value=${each}>${each}</option>`)}
      </select>`}
    <//>
    <${Line} label="Set to a later instant, in UTC" verb="Set" run=${set} onError=${setError}>
      ${(id) => html`<input id=${id} type="datetime-local" step="1" value=${to} onInput=${({ target }) => setTo(target.value)} />`}
    <//>
    <${Problem} error=${error} world=${name} />
  </section>`;
}

/** A labelled field with its button in a line. */
function Line({ label, verb, run, onError, disabled = false, children }) {
  const id = useId();
  return html`<form class="line" noValidate onSubmit=${(event) => event.preventDefault()}>
    <label for=${id}>${label}</label>
    <span>${children(id)}<${Action} type="submit" run=${run} onError=${onError} disabled=${disabled}>${verb}<//></span>
  </form>`;
}

/** What a move of the clock brought about; announced to screen readers. */
export function Moved({ name, move, types, onClose }) {
  return html`<div role="status">${move && html`<${Way} ...${{ name, move, types, onClose }} />`}</div>`;
}

function Way({ name, move: { from, to, events }, types, onClose }) {
  const seconds = (new Date(to) - new Date(from)) / 1000;
  const rest = events.length - LISTED;
  return html`<div class="notice moved">
    <p>
      <span><strong>${seconds >= 1 ? `Moved by ${span(seconds)}.` : "Not moved."}</strong> ${events.length ? counted(events.length, "event") : "No event"} happened on the way.</span>
      <button type="button" class="plain" aria-label="Dismiss" onClick=${onClose}>✕</button>
    </p>
    ${events.length > 0 &&
    html`<ol>
      ${events.slice(0, LISTED).map(
        (event, at) => html`<li key=${at}>
          <span class="soft number">${instant(event.time)}</span> <${EventType} name=${name} type=${event.type} /> <${Target} ...${{ name, event, types }} />
          ${event.skipped && html` <span class="status warn">skipped</span>`}
        </li>`,
      )}
    </ol>`}
    ${rest > 0 && html`<p class="soft">${counted(rest, "more event")} in the list, before now.</p>`}
  </div>`;
}
