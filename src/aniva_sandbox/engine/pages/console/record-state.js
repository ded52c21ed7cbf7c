// The state of a record: the picture of its state machine, the moves that are open, and the events that make them.

import { post, worldPath } from "./control.js";
import { EventForm } from "./event-form.js";
import { html, useRef, useState } from "./html.js";
import { Machine, MoveTable } from "./machine.js";
import { link } from "./routes.js";
import { Action, Dialog, Problem, State, say } from "./ui.js";
import { counted, plain } from "./words.js";

/** The state of a record whose section has a state machine. `types` are the types of events, as the control plane's
 * document has them. */
export function RecordState({ name, record, types, refresh }) {
  const { now, states, moves, open } = record.state;
  const [heading, onMade] = useAftermath(refresh);
  return html`<section class="record-part" aria-label="State">
    <h2 ref=${heading} tabindex="-1">State</h2>
    <div class="state-parts">
      <${Machine} states=${states} moves=${moves} now=${now} />
      <div>
        <h3>Open moves</h3>
        ${open.length === 0 && html`<p class="soft">None: ${plain(now)} is an end.</p>`}
        <ul class="record-moves">
          ${open.map((move) => html`<${OpenMove} key=${`${move.move} ${move.by}`} name=${name} record=${record} move=${move} types=${types} onMade=${onMade} />`)}
        </ul>
        <details><summary>All ${counted(moves.length, "move")} as a table</summary><${MoveTable} moves=${moves} /></details>
      </div>
    </div>
  </section>`;
}

/** A move that is open. A client makes it by a call; an event makes it at once where the event needs no details. */
function OpenMove({ name, record, move, types, onMade }) {
  const [error, setError] = useState(null);
  const [filling, setFilling] = useState(false);
  const type = move.event && types?.[move.event];
  const run = async () => {
    await post(worldPath(name, "/events"), { type: move.event, [type.target]: record.id });
    say(`${move.event} happened.`);
    onMade();
  };
  return html`<li>
    <div>
      <p class="record-line"><strong>${plain(move.move)}</strong> <span><span aria-hidden="true">→</span><span class="hidden-text">to</span> <${State} value=${move.to} /></span></p>
      <p class="record-line"><span class="soft">${move.by === "client" ? "by the client:" : `by the ${move.by}:`}</span> ${move.operation ? html`<a href=${link(name, "rules", [], { operation: move.operation })} title="What can refuse it"><code>${move.operation}</code></a>` : html`<code>${move.event}</code>`}</p>
    </div>
    ${type && html`<span class="buttons">
      ${type.required.length === 0 && html`<${Action} run=${run} onError=${setError}>Happen now <span class="hidden-text">${plain(move.move)}</span><//>`}
      ${type.required.length + type.optional.length > 0 && html`<button type="button" onClick=${() => setFilling(true)}>With details… <span class="hidden-text">${plain(move.move)}</span></button>`}
    </span>`}
    <${Problem} error=${error} world=${name} />
    ${filling && html`<${EventDialog} name=${name} id=${record.id} types=${types} offered=${[move.event]} onClose=${() => setFilling(false)} onMade=${onMade} />`}
  </li>`;
}

/**
 * What follows when an event was made: the page is looked at again, and as the button may be gone then, a heading has the
 * focus. Returns the reference for this heading and what is to be called.
 */
export function useAftermath(refresh) {
  const heading = useRef(null);
  const onMade = () => {
    refresh();
    heading.current?.focus({ preventScroll: true });
  };
  return [heading, onMade];
}

/** A form for events about a record, which closes when one was made. */
export function EventDialog({ name, id, types, offered, onClose, onMade }) {
  const target = { section: types[offered[0]].section, id };
  const finish = () => {
    onClose();
    onMade();
  };
  return html`<${Dialog} title="Make an event happen" onClose=${onClose}>
    <${EventForm} name=${name} target=${target} types=${offered} onMade=${finish} />
  <//>`;
}
