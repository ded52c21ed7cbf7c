// Parts of the pages of records: texts with instants in them, and events.

import { Details, EventType, Marks, happenNow } from "./event-view.js";
import { html } from "./html.js";
import { useNow } from "./live.js";
import { link } from "./routes.js";
import { Action, Time } from "./ui.js";
import { away, iso } from "./words.js";

const INSTANT = /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|UTC|[+-]\d\d:\d\d)/g;

/**
 * A text of the API, whose direction does not touch the text around it. Each instant in it is followed by its distance
 * from now.
 */
export function RecordText({ text, world }) {
  const now = useNow(world);
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(INSTANT)) {
    const [written, date, time, zone] = found;
    const at = new Date(`${date}T${time}${zone === "UTC" ? "Z" : zone}`);
    if (Number.isNaN(at.getTime())) continue;
    parts.push(text.slice(end, found.index), html`<time datetime=${iso(at)} title=${iso(at)}>${written}</time> <span class="soft nowrap">(${away(at, now)})</span>`);
    end = found.index + written.length;
  }
  return html`<bdi>${parts}${text.slice(end)}</bdi>`;
}

/** A link to a record. */
export function RecordLink({ world, section, id, children }) {
  return html`<a href=${link(world, "records", [section, id])}><bdi>${children}</bdi></a>`;
}

/** The sections of a world with the number of their records. */
export function Sections({ name, sections, current, isWhole = true }) {
  return html`<nav class="sections" aria-label="Sections">
    ${sections.map(
      (each) => html`<a key=${each.name} href=${link(name, "records", [each.name])} aria-current=${each.name === current ? (isWhole ? "page" : "true") : undefined}>
        ${each.title} <span class="number">${each.count.toLocaleString("en")}</span>
      </a>`,
    )}
  </nav>`;
}

/**
 * Events about a record. With `onHappen`, which is called with what an attempt came to, each has a button that makes it
 * happen now.
 */
export function EventList({ name, world, types, events, label, onHappen = null, onError }) {
  return html`<ul class="event-list" aria-label=${label}>
    ${events.map(
      (event, index) => html`<li key=${event.number ?? events.length - index}>
        <span class="record-line">
          <${EventType} name=${name} type=${event.type} />
          <${Marks} event=${event} />
          ${onHappen && html`<${Action} run=${() => happenNow(name, event).then(onHappen)} onError=${onError}>Happen now <span class="hidden-text">${event.type}</span><//>`}
        </span>
        <${EventTime} at=${event.time} world=${world} />
        ${event.skipped && html`<bdi>${event.skipped}</bdi>`}
        <${Details} event=${event} types=${types} />
      </li>`,
    )}
  </ul>`;
}

const EventTime = ({ at, world }) => html`<span><${Time} at=${at} /> UTC <span class="soft">${away(at, useNow(world))}</span></span>`;
