// Events as pages show them: their types, the records that they are about, and their details.

import { componentSchema, controlDocument, post, worldPath } from "./control.js";
import { html } from "./html.js";
import { useData } from "./live.js";
import { link } from "./routes.js";
import { say } from "./ui.js";
import { plain } from "./words.js";

const APART = ["time", "type", "automatic", "number", "skipped"]; // shown in a way of their own
const LONGEST = 140; // characters of a detail in a line

/** What the control plane says about the types of events: {TYPE: {target, section, required, optional}}, or null. */
export function useEventTypes() {
  const { data: document } = useData(controlDocument, ["document"]);
  return document && eventTypes(document);
}

/** The types of events, as the document of the control plane has them. */
export const eventTypes = (document) => componentSchema(document, "EventRequest")["x-event-types"] ?? {};

/** The record that an event is about: {section, id}; null if its type is not known. */
export function targetOf(event, types) {
  const type = types?.[event.type];
  const id = type && event[type.target];
  return id ? { section: type.section, id } : null;
}

/** A link to the record that an event is about. */
export function Target({ name, event, types }) {
  const target = targetOf(event, types);
  return target && html`<a class="mono" href=${link(name, "records", [target.section, target.id])}>${target.id}</a>`;
}

/** The type of an event, as a link to all events of this type. */
export function EventType({ name, type }) {
  return html`<a class="mono" href=${link(name, "time", [], { type })} title="Events of this type">${type}</a>`;
}

/** Whether somebody made an event happen, and whether it was not possible when it was due. */
export const Marks = ({ event }) =>
  html`${!event.automatic && html`<span class="badge" title="Not planned by the sandbox">by hand</span>`} ${event.skipped && html`<span class="status warn">skipped</span>`}`;

/** Make an event of the agenda happen now. */
export async function happenNow(name, event) {
  await post(worldPath(name, "/agenda/happen"), { number: event.number });
  say(`${event.type} happened.`);
}

/** The details of an event, by name. */
export function Details({ event, types }) {
  const apart = [...APART, types?.[event.type]?.target];
  const details = Object.entries(event).filter(([key]) => !apart.includes(key));
  if (details.length === 0) return null;
  return html`<span class="details">
    ${details.map(([key, value]) => {
      const text = textOf(value);
      const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
      return html`<span key=${key}><span class="soft">${plain(key)}:</span> <span title=${cut === text ? undefined : text}>${cut}</span></span> `;
    })}
  </span>`;
}

function textOf(value) {
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  if (value !== null && typeof value === "object") {
    return Object.entries(value)
      .map(([key, each]) => `${key}: ${textOf(each)}`)
      .join(", ");
  }
  return String(value);
}
