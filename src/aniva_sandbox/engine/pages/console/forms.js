// Forms made from the schemas of the control plane's document.

import { html, useEffect, useId, useRef, useState } from "./html.js";
import { Action, Problem, Prose } from "./ui.js";
import { plain } from "./words.js";

/**
 * A form for an object. `fields` are {name, schema, required, title, hint, group, suggestions, forNull}, as `fieldsOf`
 * makes them: those with the same `group` in a row are shown under that title, `suggestions` are texts or {value, label},
 * and `forNull` says what null means. `send` gets the values that were given, each of the type of its schema. Its errors
 * are shown below the form. `onText` is called with the name of a field and what is typed.
 */
export function Form({ fields, initial = {}, send, label, world = null, onText = () => {}, children }) {
  const [texts, setTexts] = useState(() => textsOf(fields, initial));
  const [error, setError] = useState(null);
  const id = useId();
  const end = useRef(null);
  useEffect(() => void (error && end.current.scrollIntoView({ block: "nearest" })), [error]); // it may be out of sight
  const shape = fields.map((each) => each.name).join();
  useEffect(() => setError(null), [shape]); // an error of other fields says nothing of these
  const set = (name, text) => {
    setTexts((before) => ({ ...before, [name]: text }));
    onText(name, text);
  };
  const run = async () => send(valuesOf(fields, texts));
  const part = (each) => html`<${Field} key=${each.name} id="${id}-${each.name}" field=${each} text=${texts[each.name] ?? ""} isGiven=${each.name in initial} onChange=${set} />`;
  return html`<form noValidate onSubmit=${(event) => event.preventDefault()}>
    ${groupsOf(fields).map(({ title, members }) =>
      title ? html`<fieldset key=${title}><legend>${title}</legend>${members.map(part)}</fieldset>` : members.map(part),
    )}
    <${Problem} error=${error} world=${world} />
    <p ref=${end} class="buttons"><${Action} type="submit" kind="main" run=${run} onError=${setError}>${label}<//>${children}</p>
  </form>`;
}

function groupsOf(fields) {
  const groups = [];
  for (const each of fields) {
    if (groups.length && groups.at(-1).title === each.group) groups.at(-1).members.push(each);
    else groups.push({ title: each.group, members: [each] });
  }
  return groups;
}

/** The fields of an object schema: those of `names`, or all. */
export function fieldsOf(schema, names = Object.keys(schema.properties), required = schema.required ?? []) {
  return names.map((name) => ({ name, schema: schema.properties[name], required: required.includes(name) }));
}

function Field({ id, field, text, isGiven, onChange }) {
  const { name, schema, required, suggestions } = field;
  const hint = field.hint ?? schema.description ?? "";
  const set = ({ target }) => onChange(name, target.value);
  const list = suggestions?.length ? `${id}-list` : undefined;
  const shared = { id, name, required, list, isGiven, "aria-describedby": hint ? `${id}-hint` : undefined, onInput: set };
  return html`<div class="field">
    <label for=${id}>${field.title ?? plain(name)}${required && html`<span class="soft"> required</span>`}</label>
    ${field.forNull ? html`<${OrNull} label=${field.forNull} text=${text} set=${(value) => onChange(name, value)}>${input(schema, text, { ...shared, disabled: text === "null" })}<//>` : input(schema, text, shared)}
    ${list && html`<datalist id=${list}>${suggestions.map((each) => html`<option value=${each.value ?? each}>${each.label}</option>`)}</datalist>`}
    ${hint && html`<small id="${id}-hint"><${Prose} text=${hint} /></small>`}
  </div>`;
}

/** A field with a box that sets it to null. */
function OrNull({ label, text, set, children }) {
  return html`<span class="or-null">
    ${children}
    <label><input type="checkbox" checked=${text === "null"} onChange=${({ target }) => set(target.checked ? "null" : "")} /> ${label}</label>
  </span>`;
}

function input(schema, text, { isGiven, ...shared }) {
  const type = typeOf(schema);
  const values = valuesIn(schema);
  if (values) {
    return html`<select ...${shared} value=${text}>
      ${!(isGiven && text !== "") && html`<option value="">${shared.required ? "choose" : "not set"}</option>`}
      ${values.map((value) => html`<option value=${String(value)}>${String(value)}</option>`)}
    </select>`;
  }
  if (type === "integer" || type === "number") {
    const step = type === "integer" ? 1 : "any";
    return html`<input type="number" ...${shared} step=${step} min=${schema.minimum} max=${schema.maximum} value=${text === "null" ? "" : text} placeholder=${schema.default ?? ""} />`;
  }
  if (type === "array" || type === "object") {
    return html`<textarea ...${shared} rows="3" spellcheck="false" placeholder="JSON" value=${text}></textarea>`;
  }
  return html`<input type="text" ...${shared} autocomplete="off" placeholder=${placeholder(schema)} value=${text} />`;
}

const EXAMPLES = { date: "2026-04-15", "date-time": "2026-04-15T10:30:00Z" };

const placeholder = (schema) => schema.examples?.[0] ?? EXAMPLES[schema.format] ?? "";

function typeOf(schema) {
  const types = [schema.type ?? (schema.anyOf ?? []).map((each) => each.type)].flat();
  return types.find((each) => each !== "null");
}

function valuesIn(schema) {
  const values = schema.enum ?? (schema.anyOf ?? []).find((each) => each.enum)?.enum;
  return values ?? (typeOf(schema) === "boolean" ? [true, false] : undefined);
}

function textsOf(fields, initial) {
  const given = fields.filter(({ name }) => initial[name] !== undefined && initial[name] !== null);
  return Object.fromEntries(given.map(({ name }) => [name, textOf(initial[name])]));
}

const textOf = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));

function valuesOf(fields, texts) {
  const values = {};
  for (const { name, schema, required, title } of fields) {
    const text = String(texts[name] ?? "").trim();
    if (text === "" && required) throw Object.assign(new Error(`${title ?? plain(name)} is required.`), { status: 400 });
    if (text !== "") values[name] = valueOf(text, schema, title ?? plain(name));
  }
  return values;
}

function valueOf(text, schema, title) {
  const type = typeOf(schema);
  if (type === "string") return text;
  try {
    return JSON.parse(text); // numbers, booleans, lists and objects are written as in JSON
  } catch {
    throw Object.assign(new Error(`${title} is not valid JSON.`), { status: 400 });
  }
}
