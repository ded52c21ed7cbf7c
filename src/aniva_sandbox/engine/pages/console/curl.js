// A request of the journal as a command for bash.

/** How the control plane writes a value that it does not show. */
const HIDDEN = "[hidden]";

/** Characters that a terminal or a reader does not see as they are: they are written as escapes. */
export const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const ESCAPED = new RegExp(`${UNSEEN.source}|['\\\\]`, "g");

/** A text as one word of bash, whatever is in it but NUL. */
export function quoted(text) {
  if (UNSEEN.test(text)) return `$'${text.replace(ESCAPED, escaped)}'`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const NAMED = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "'": "\\'", "\\": "\\\\" };

function escaped(character) {
  // Three octal digits a byte: a digit after them is never read as one of them.
  const octal = (byte) => `\\${byte.toString(8).padStart(3, "0")}`;
  return NAMED[character] ?? [...new TextEncoder().encode(character)].map(octal).join("");
}

/**
 * An exchange as a command that sends its request again: {text}, or {reason} where it cannot be written. `origin` is the
 * address of the server; `exchange` is one that was requested by its number.
 */
export function curlOf(exchange, world, origin) {
  const reason = whyNot(exchange);
  if (reason) return { reason };
  const { method, target, persona, request } = exchange;
  const key = persona === "full" ? `sbx_${world}` : `sbx_${world}.${persona}`;
  const address = origin + target.replace(/[^!-~]|#/g, percent);
  const lines = [`curl -i${flagsFor(target)}${methodFor(method, request.bytes)} ${quoted(address)}`, `-H ${quoted(`x-api-key: ${key}`)}`];
  if (request.type) lines.push(`-H ${quoted(`content-type: ${request.type}`)}`);
  else if (request.bytes) lines.push("-H 'content-type:'"); // else curl adds one of its own
  if (request.bytes) lines.push(`--data-raw ${quoted(request.raw)}`);
  return { text: lines.join(" \\\n  ") };
}

/** Why a request cannot be written as it was sent; an empty text if it can. */
function whyNot({ method, path, target, persona, request, status }) {
  if (persona === null) return "The key of this request is not known.";
  if (target === undefined) {
    return path.includes(HIDDEN) ? "The address has a secret, which the journal does not show." : "The address was not kept whole.";
  }
  if (request.type && /[^ -~]/.test(request.type)) return "The media type is not plain text, or was not kept whole.";
  if (request.bytes === 0) return status === 413 ? "The body was too large to be read." : "";
  if (method === "HEAD") return "curl does not send a body with HEAD.";
  if (request.raw?.includes("\0")) return "The body has a NUL, which a command cannot have.";
  return request.raw === undefined ? whyNoText(request) : "";
}

/** Why a body is not shown as it was sent. */
export function whyNoText(body) {
  if (body.json !== undefined || body.text === HIDDEN) return "The body has a secret, which the journal does not show.";
  return isCut(body) ? "The body was not kept whole." : "The body is not text.";
}

/** Whether only the beginning of a body was kept. */
export function isCut({ bytes, text = HIDDEN }) {
  return text !== HIDDEN && new TextEncoder().encode(text).length < bytes;
}

const percent = (character) => [...character].map((each) => `%${each.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`).join("");

function flagsFor(target) {
  const path = target.split("?")[0];
  const asIs = /(^|\/)(\.|%2e){1,2}(\/|$)/i.test(path) ? " --path-as-is" : "";
  return (/[[\]{}]/.test(target) ? " -g" : "") + asIs;
}

function methodFor(method, bytes) {
  if (method === "HEAD") return " --head";
  return method === "GET" && bytes === 0 ? "" : ` -X ${/^[A-Z]+$/.test(method) ? method : quoted(method)}`;
}
