// What an exchange met: rules, boundaries, moves, events, faults, hints.

import { componentSchema, controlDocument } from "./control.js";
import { html } from "./html.js";
import { useData } from "./live.js";
import { link } from "./routes.js";
import { Basis, Prose, RuleLink, Time } from "./ui.js";
import { plain } from "./words.js";

/** Why the call ended as it did: what refused it, and what is odd about it. */
export function Why({ exchange, world }) {
  const { error, rules, fault, mismatch, hints } = exchange;
  return html`
    ${rules.length > 0 && html`<h3>Why it was refused</h3>`}
    ${error !== null && html`<p class="notice ${rules.length ? "" : "bad"}">${error}</p>`}
    ${rules.length > 0 && html`<ul class="rules">${rules.map((rule) => html`<${Named} key=${rule.id} rule=${rule} world=${world} />`)}</ul>`}
    ${fault !== null && html`<h3>Fault</h3><p><code>${fault}</code> <a href=${link(world, "faults")}>Faults of this world</a></p>`}
    ${mismatch !== null && html`<h3>Mismatch</h3><p class="notice bad">The response contradicts the document: ${mismatch}</p>`}
    ${hints.length > 0 && html`<h3>Hints</h3><ul class="hints">${hints.map((hint) => html`<li key=${hint}>${hint}</li>`)}</ul>`}
  `;
}

/** A rule with its basis and its sentence, linked to its entry in the ledger. */
function Named({ rule, world }) {
  return html`<li><${RuleLink} id=${rule.id} world=${world} basis=${rule.basis} /> <${Basis} value=${rule.basis} /> <span class="sentence"><${Prose} text=${rule.sentence} /></span></li>`;
}

/** What the call was held against. */
export function Trace({ exchange, world }) {
  const { weighed = [], relied_on: leanedOn, moves = [] } = exchange;
  if (weighed.length + leanedOn.length + moves.length === 0) return null;
  return html`
    <h3>What it was held against</h3>
    ${weighed.length > 0 && html`<${Weighed} weighed=${weighed} world=${world} />`}
    ${moves.length > 0 && html`<h4>Moves tried</h4>
      <ul>${moves.map(({ machine, state, move }) => html`<li>${plain(machine)} in <span class="badge state">${plain(state)}</span>: <strong>${plain(move)}</strong></li>`)}</ul>`}
    ${leanedOn.length > 0 && html`<h4>Undocumented rules it leaned on</h4>
      <ul class="rules">${leanedOn.map((rule) => html`<${Named} key=${rule.id} rule=${rule} world=${world} />`)}</ul>`}
  `;
}

function Weighed({ weighed, world }) {
  return html`<div class="table" tabindex="0" role="region" aria-label="Rules that were weighed">
    <table class="weighed cards">
      <thead><tr><th scope="col">Rule</th><th scope="col">Outcome</th><th scope="col">Distance</th></tr></thead>
      <tbody>
        ${weighed.map(
          ({ rule, outcome, distances }) => html`<tr key=${rule.id}>
            <th scope="row"><${RuleLink} id=${rule.id} world=${world} basis=${rule.basis} /><div class="sentence"><${Prose} text=${rule.sentence} /></div></th>
            <td data-label="Outcome"><span class="outcome ${outcome}">${outcome}</span></td>
            <td data-label=${distances.length ? "Distance" : undefined}>${distances.map(({ measure, text }) => html`<div key=${measure + text}>${measure && html`<span class="soft">${plain(measure)}: </span>`}${text}</div>`)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

const OWN = ["time", "type", "automatic", "number"]; // what all events have

/** The events that happened during the call, each with its record. */
export function Events({ events, world }) {
  const { data: document } = useData(controlDocument, ["document"]);
  if (events.length === 0) return null;
  const types = document === null ? {} : (componentSchema(document, "EventRequest")["x-event-types"] ?? {});
  return html`
    <h3>Events during the call</h3>
    <ul class="events">
      ${events.map((event, place) => html`<${Event} key=${place} event=${event} type=${types[event.type]} world=${world} />`)}
    </ul>
  `;
}

function Event({ event, type, world }) {
  const id = type && event[type.target];
  const details = Object.entries(event).filter(([name, value]) => !OWN.includes(name) && name !== type?.target && value !== null);
  return html`<li>
    <strong>${event.type}</strong> <${Time} at=${event.time} />
    ${event.automatic && html` <span class="soft">automatic</span>`}
    ${id && html` <a href=${link(world, "records", [type.section, id])}><code>${id}</code></a>`}
    ${details.length > 0 && html`<dl>${details.map(([name, value]) => html`<div key=${name}><dt>${plain(name)}</dt><dd>${typeof value === "string" ? value : JSON.stringify(value)}</dd></div>`)}</dl>`}
  </li>`;
}
