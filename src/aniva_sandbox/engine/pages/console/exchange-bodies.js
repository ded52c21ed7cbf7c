// The bodies of an exchange: formatted, or as they were sent.

import { UNSEEN, isCut, whyNoText } from "./curl.js";
import { html, useState } from "./html.js";

/** A fault that lets the call take effect, but its response not arrive. */
const LOST = /(^|: |; )drop=after($|; )/;

export function Bodies({ exchange }) {
  const [isRaw, setRaw] = useState(false);
  const button = (raw, label) => html`<button type="button" aria-pressed=${isRaw === raw} onClick=${() => setRaw(raw)}>${label}</button>`;
  const { request, response, status, fault } = exchange;
  return html`
    <div class="head">
      <h3>Request</h3>
      ${(request.bytes > 0 || response.bytes > 0) && html`<div class="choice" role="group" aria-label="Bodies">${button(false, "Pretty")}${button(true, "Raw")}</div>`}
    </div>
    <${Body} body=${request} label="Request body" isRaw=${isRaw} />
    <h3>Response</h3>
    ${fault !== null && LOST.test(fault) && html`<p class="notice">The client did not get it: the connection was dropped after the call took effect.</p>`}
    ${status === null ? html`<p>None: the connection was dropped before the call took effect.</p>` : html`<${Body} body=${response} label="Response body" isRaw=${isRaw} />`}
  `;
}

function Body({ body, label, isRaw }) {
  const { type, bytes, json, text, raw } = body;
  if (bytes === 0) return html`<p class="soft">No body${type && html`, but <code>${type}</code>`}</p>`;
  const isJson = json !== undefined || (isCut(body) && JSON_TYPE.test(type ?? ""));
  const whole = raw ?? (json === undefined ? text : JSON.stringify(json));
  const shown = isJson && !isRaw ? indented(whole) : whole;
  const note = raw === undefined ? whyNoText(body) : "";
  return html`
    <p class="soft">${type ? html`<code>${type}</code>` : "no media type"}, ${bytes.toLocaleString("en")} bytes${note && html`. ${note}`}</p>
    ${shown !== undefined && html`<pre class="body ${isRaw ? "raw" : ""}" tabindex="0" aria-label=${label}><code>${shown}</code></pre>`}
  `;
}

const JSON_TYPE = /^application\/([^;]+\+)?json\b/i;

const TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * JSON, or its beginning, with a line for each value. Its tokens stay as they are, so that numbers lose no digit; only
 * characters that are not seen as they are become escapes.
 */
export function indented(text) {
  const tokens = text.match(TOKEN) ?? [];
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  let result = "";
  tokens.forEach((token, place) => {
    if (token === "{" || token === "[") {
      depth += 1;
      result += token + (isEnd(tokens[place + 1]) ? "" : line());
    } else if (isEnd(token)) {
      depth -= 1;
      result += (isStart(tokens[place - 1]) ? "" : line()) + token;
    } else result += token === "," ? token + line() : token === ":" ? ": " : token.replace(EACH_UNSEEN, escaped);
  });
  return result;
}

const EACH_UNSEEN = new RegExp(UNSEEN.source, "g");
const escaped = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

const isStart = (token) => token === "{" || token === "[";
const isEnd = (token) => token === "}" || token === "]";
