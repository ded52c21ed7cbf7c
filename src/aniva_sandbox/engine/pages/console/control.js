// Calls to the control plane, with the token that some servers want.

const BASE = document.body.dataset.control;
const KEPT = "sandbox-token"; // in the tab's own storage, so that it ends with the tab

/** A response of the control plane that is not a success. */
export class Refused extends Error {
  constructor(status, message, rule) {
    super(message);
    this.status = status;
    this.rule = rule;
  }
}

let ask = null; // what asks the user for the token
let asking = null; // the promise of the token while the user is asked

/** Register what asks for the token: a function that returns a promise of it. */
export function onToken(asker) {
  ask = asker;
}

/**
 * Call the control plane: a path below its prefix, values of the query (a list is sent as
 * several), and a body that is sent as JSON.
 * Resolves to the decoded response, to its text, or to a Blob. Rejects with Refused, or with a TypeError if there is no
 * server.
 */
export async function call(method, path, { query = {}, body, as = "json", signal } = {}) {
  const isSent = ([, value]) => value !== undefined && value !== null && value !== "";
  const sent = Object.entries(query).flatMap(([name, value]) => [value].flat().map((each) => [name, each])).filter(isSent);
  const target = BASE + path + (sent.length ? `?${new URLSearchParams(sent)}` : "");
  for (;;) {
    const token = sessionStorage.getItem(KEPT);
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    if (token) headers.authorization = `Bearer ${token}`;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const response = await fetch(target, { method, headers, body: text, cache: "no-store", signal });
    if (response.ok) return as === "json" ? response.json() : as === "text" ? response.text() : response.blob();
    if (response.status === 401 && ask !== null) {
      await renewToken(token);
      continue;
    }
    const rule = (response.headers.get("x-sandbox-rule") ?? "").split(";")[0] || null;
    throw new Refused(response.status, await errorText(response), rule);
  }
}

export const get = (path, query, options) => call("GET", path, { query, ...options });
export const post = (path, body) => call("POST", path, { body });

/** The path of a world, or of something in it. */
export const worldPath = (name, rest = "") => `/worlds/${encodeURIComponent(name)}${rest}`;

async function renewToken(refused) {
  if (sessionStorage.getItem(KEPT) !== refused) return; // another call has asked meanwhile
  asking ??= ask(refused !== null).finally(() => (asking = null));
  sessionStorage.setItem(KEPT, await asking);
}

async function errorText(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).error ?? text;
  } catch {
    return text || response.statusText;
  }
}

const loaded = new Map();

function once(path) {
  if (!loaded.has(path)) {
    const promise = get(path);
    loaded.set(path, promise);
    promise.catch(() => loaded.delete(path)); // to be tried again
  }
  return loaded.get(path);
}

/** What an item of each axis of coverage is, and when it is met: texts by the names of the axes. */
export const axisMeanings = () => once("/console/axes.json");

/** The OpenAPI document of the control plane, from which forms are made. */
export const controlDocument = () => once("/openapi.json");

/** The ledger of rules. */
export const rules = () => once("/rules");

/** Where operations are in the reference: addresses by operation ids, with examples for a world. */
export async function addresses(world) {
  const places = Object.entries(await once("/console/operations.json"));
  return Object.fromEntries(places.map(([id, address]) => [id, address.replace("#", `?world=${encodeURIComponent(world)}#`)]));
}

/** The schema of a component of a document, with references resolved. */
export function componentSchema(document, name) {
  return resolved(document, document.components.schemas[name]);
}

/** A schema without a reference at its top. */
export function resolved(document, schema) {
  const name = schema?.$ref?.split("/").pop();
  return name ? { ...resolved(document, document.components.schemas[name]), ...schema, $ref: undefined } : schema;
}
