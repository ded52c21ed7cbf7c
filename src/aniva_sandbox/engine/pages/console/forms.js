// Forms made from the schemas of the control plane's document.

import { html, useState } from "./html.js";
import { Action, Problem } from "./ui.js";
import { plain } from "./words.js";

/**
 * A form for an object. `fields` are {name, schema, required, title, hint}, as `fieldsOf` makes them; `send` gets the
 * values that were given, each of the type of its schema. Its errors are shown below the form.
 */
export function Form({ fields, initial = {}, send, label, world = null, children }) {
  const [texts, setTexts] = useState(() => textsOf(fields, initial));
  const [error, setError] = useState(null);
  const set = (name, text) => setTexts((before) => ({ ...before, [name]: text }));
  const run = async () => send(valuesOf(fields, texts));
  const submit = (event) => {
    event.preventDefault();
    event.target.querySelector("button.main").click();
  };
  return html`<form onSubmit=${submit}>
    ${fields.map((each) => html`<${Field} key=${each.name} field=${each} text=${texts[each.name] ?? ""} onChange=${set} />`)}
    <${Problem} error=${error} world=${world} />
    <p class="buttons"><${Action} kind="main" run=${run} onError=${setError}>${label}<//>${children}</p>
  </form>`;
}

/** The fields of an object schema: those of `names`, or all. */
export function fieldsOf(schema, names = Object.keys(schema.properties), required = schema.required ?? []) {
  return names.map((name) => ({ name, schema: schema.properties[name], required: required.includes(name) }));
}

function Field({ field, text, onChange }) {
  const { name, schema, required } = field;
  const id = `field-${name}`;
  const hint = field.hint ?? schema.description ?? "";
  const set = ({ target }) => onChange(name, target.type === "checkbox" ? target.checked : target.value);
  const shared = { id, name, required, "aria-describedby": hint ? `${id}-hint` : undefined, onInput: set };
  return html`<div class="field">
    <label for=${id}>${field.title ?? plain(name)}${required && html`<span class="soft"> required</span>`}</label>
    ${input(schema, text, shared)}
    ${hint && html`<small id="${id}-hint">${hint}</small>`}
  </div>`;
}

function input(schema, text, shared) {
  const type = typeOf(schema);
  const values = valuesIn(schema);
  if (values) {
    return html`<select ...${shared} value=${text}>
      <option value="">${shared.required ? "choose" : "not set"}</option>
      ${values.map((value) => html`<option value=${String(value)}>${String(value)}</option>`)}
    </select>`;
  }
  if (type === "integer" || type === "number") {
    const step = type === "integer" ? 1 : "any";
    return html`<input type="number" ...${shared} step=${step} min=${schema.minimum} max=${schema.maximum} value=${text} />`;
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
  if (typeOf(schema) === "boolean") return [true, false];
  return schema.enum ?? (schema.anyOf ?? []).find((each) => each.enum)?.enum;
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
