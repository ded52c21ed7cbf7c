// A form for events of the API's side, made from the document of the control plane.

import { componentSchema, controlDocument, get, post, worldPath } from "./control.js";
import { eventTypes } from "./event-view.js";
import { Form, fieldsOf } from "./forms.js";
import { html, useId, useRef, useState } from "./html.js";
import { useData } from "./live.js";
import { Problem, say } from "./ui.js";
import { instant, plain } from "./words.js";

const SUGGESTED = 20; // records at a time

/**
 * A form that makes an event in the world `name` happen, now or later: of one of `types` (all by default), about the
 * record `target` ({section, id}), or about one that is chosen in the form. `onMade` gets the event.
 */
export function EventForm({ name, target = null, types = null, onMade = () => {} }) {
  const { data: document, error } = useData(controlDocument, ["document"]);
  const [chosen, setChosen] = useState("");
  const id = useId();
  if (document === null) return html`<${Problem} error=${error} />`;
  const known = eventTypes(document);
  const offered = Object.keys(known).filter((type) => (types?.includes(type) ?? true) && (target === null || known[type].section === target.section));
  if (offered.length === 0) return html`<p class="soft">No event can be made here.</p>`;
  const type = offered.includes(chosen) ? chosen : offered.length === 1 ? offered[0] : "";
  return html`<div class="event-form">
    <div class="field">
      <label for=${id}>Event</label>
      <select id=${id} value=${type} onChange=${(event) => setChosen(event.target.value)}>
        <option value="">choose</option>
        ${grouped(offered, known).map(([section, members]) => html`<optgroup key=${section} label=${plain(section)}>${members.map((each) => html`<option value=${each}>${each}</option>`)}</optgroup>`)}
      </select>
    </div>
    ${type && html`<${Fields} key=${known[type].target} ...${{ name, target, type, document, onMade }} about=${known[type]} />`}
  </div>`;
}

/** The types of each section. */
function grouped(offered, known) {
  const sections = new Map();
  for (const type of offered) sections.set(known[type].section, [...(sections.get(known[type].section) ?? []), type]);
  return [...sections];
}

/** The fields of a type. What was typed stays when another type for the same kind of record is chosen. */
function Fields({ name, target, type, about, document, onMade }) {
  const [typed, setTyped] = useState("");
  const records = useRecords(name, !target && isListed(document, about.section) ? about.section : null, typed);
  const schema = componentSchema(document, "EventRequest");
  const required = [about.target, ...about.required];
  const names = [...(target ? [] : [about.target]), ...about.required, ...about.optional, "time"];
  const fields = fieldsOf(schema, names, required).map((field) => {
    if (field.name === about.target) return { ...field, suggestions: records };
    if (field.name === "time") return { ...field, title: "time", hint: "In UTC. Now, if it is empty; a later event waits in the agenda." };
    return { ...field, hint: withoutTypes(field.schema.description) };
  });
  const send = async (values) => {
    const made = await post(worldPath(name, "/events"), { type, ...(target && { [about.target]: target.id }), ...values });
    say(made.number === undefined ? `${type} happened.` : `${type} will happen on ${instant(made.time)} UTC.`);
    onMade(made);
  };
  const onText = (field, text) => field === about.target && setTyped(text);
  return html`<${Form} fields=${fields} send=${send} label=${`Make ${type} happen`} world=${name} onText=${onText} />`;
}

/** Descriptions end with the types that have the field; here one of them is chosen. */
const withoutTypes = (text = "") => text.replace(/\s*For `[^`]+`[^.]*(?:`[^`]*`[^.]*)*\.$/, "");

/** Records of a section that fit what is typed, as suggestions; those before stay until there are others. */
function useRecords(name, section, search) {
  const kept = useRef([]);
  const { data } = useData(
    async (options) => section && (await get(worldPath(name, "/records"), { section, search: search.trim(), limit: SUGGESTED }, options)).records,
    [name, section, search],
  );
  if (data) kept.current = data;
  return kept.current.map(({ id, state, cells }) => ({ value: id, label: [...cells, state].filter(Boolean).join(" · ") }));
}

/** Whether the control plane lists the records of a section. */
function isListed(document, section) {
  const path = Object.keys(document.paths).find((each) => each.endsWith("/records"));
  const parameter = document.paths[path]?.get.parameters.find((each) => each.name === "section");
  return parameter?.schema.enum?.includes(section) ?? false;
}
