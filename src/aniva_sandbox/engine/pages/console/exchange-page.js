// An exchange of the journal: what was sent, what came back, and why.

import { addresses, get, post, worldPath } from "./control.js";
import { curlOf } from "./curl.js";
import { Bodies } from "./exchange-bodies.js";
import { Events, Trace, Why } from "./exchange-trace.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { useData } from "./live.js";
import { go, link, parse } from "./routes.js";
import { Action, Copy, Dialog, Problem, Status, Time, say } from "./ui.js";

/**
 * The exchange with a number. `lines` are the listed exchanges, between which it leads to the newer and the older one;
 * `turn` changes when the journal began anew.
 */
export function ExchangePage({ name, number, turn, lines, query, refresh }) {
  const load = (options) => get(worldPath(name, "/journal"), { number }, options);
  const { data, error } = useData(Number.isSafeInteger(number) && number > 0 ? load : nothing, [name, number, turn]);
  const { data: places } = useData(() => addresses(name), [name]);
  const heading = useRef(null);
  const exchange = data?.exchanges[0] ?? null;
  const shown = exchange ?? (data ? null : lines.find((line) => line.number === number)) ?? null; // the line, until all of it is there
  useEffect(() => {
    const list = document.querySelector(".journal > .list");
    if (getComputedStyle(list).display === "none") heading.current?.focus(); // it takes the place of the list
  }, [number, shown === null]);
  useKeys(name, lines, query);
  return html`<section class="exchange" aria-label=${`Exchange ${number}`}>
    <${Around} name=${name} number=${number} lines=${lines} query=${query} />
    <${Problem} error=${error} world=${name} />
    ${data && !exchange && html`<p>The journal does not have this exchange. It was dropped, cleared, or has not been yet.</p>`}
    ${shown && html`
      <h2 ref=${heading} tabindex="-1"><span class="method">${shown.method}</span> <span class="path">${shown.path}</span></h2>
      <p class="facts">
        <${Status} value=${shown.status} />
        ${shown.operation === null ? html`<span>no operation</span>` : html`<a href=${places?.[shown.operation]}>${shown.operation}</a>`}
        <${Time} at=${shown.time} />
        <span>${shown.elapsed_ms.toLocaleString("en")} ms</span>
        <span>${shown.persona === null ? "unknown key" : html`persona <strong>${shown.persona}</strong>`}</span>
      </p>
    `}
    ${exchange && html`
      <${Actions} key=${number} name=${name} exchange=${exchange} query=${query} refresh=${refresh} />
      <${Why} exchange=${exchange} world=${name} />
      <${Bodies} exchange=${exchange} />
      <${Trace} exchange=${exchange} world=${name} />
      <${Events} events=${exchange.events} world=${name} />
    `}
  </section>`;
}

const nothing = async () => ({ exchanges: [] });

/** The listed exchanges before and after one; each null if there is none. */
function around(number, lines) {
  const newer = lines.findLast((line) => line.number > number) ?? null;
  const older = lines.find((line) => line.number < number) ?? null;
  return { newer, older };
}

function Around({ name, number, lines, query }) {
  const { newer, older } = around(number, lines);
  const step = (line, label, key) => {
    const shared = { class: "button", title: `${label} (Alt+${key})`, "aria-keyshortcuts": `Alt+${key}` };
    const arrow = key === "ArrowUp" ? "↑" : "↓";
    return line
      ? html`<a ...${shared} href=${link(name, "journal", [line.number], query)}><span aria-hidden="true">${arrow}</span> ${label}</a>`
      : html`<a ...${shared} role="link" aria-disabled="true"><span aria-hidden="true">${arrow}</span> ${label}</a>`;
  };
  return html`<nav class="around" aria-label="Exchanges around this one">
    <strong class="number">No. ${number}</strong>
    ${step(newer, "Newer", "ArrowUp")}
    ${step(older, "Older", "ArrowDown")}
    <a class="button close" href=${link(name, "journal", [], query)} title="Close (Escape)" aria-keyshortcuts="Escape">Close</a>
  </nav>`;
}

/** Alt with an arrow leads to the newer or older exchange, Escape back to the list. */
function useKeys(name, lines, query) {
  useEffect(() => {
    const press = (event) => {
      if (event.defaultPrevented || document.querySelector("dialog[open]") || event.target.closest?.("input, select, textarea")) return;
      const { newer, older } = around(Number(parse(location.hash).rest[0]), lines); // keys may be faster than the page
      if (event.key === "Escape") go(link(name, "journal", [], query));
      const line = event.altKey ? { ArrowUp: newer, ArrowDown: older }[event.key] : null;
      if (!line) return;
      event.preventDefault();
      go(link(name, "journal", [line.number], query), { replace: true });
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [name, lines, query]);
}

function Actions({ name, exchange, query, refresh }) {
  const [problem, setProblem] = useState(null);
  const [making, setMaking] = useState(false);
  const { text, reason } = curlOf(exchange, name, location.origin);
  const again = async () => {
    const { number } = await post(worldPath(name, "/journal/repeat"), { number: exchange.number });
    say(`Sent again: exchange ${number}.`);
    go(link(name, "journal", [number], query));
    refresh();
  };
  return html`
    <p class="buttons">
      ${text ? html`<${Copy} text=${text} label="Copy as curl" />` : html`<button type="button" disabled aria-describedby="no-curl">Copy as curl</button>`}
      <button type="button" onClick=${() => setMaking(true)} title="A pytest function that makes this call, and those it needs">Make a test of this</button>
      <${Action} run=${again} onError=${setProblem} title="Send the same request again">Again<//>
    </p>
    ${reason && html`<p id="no-curl" class="soft reason">No curl command: ${reason}</p>`}
    <${Problem} error=${problem} world=${name} />
    ${making && html`<${TestDialog} name=${name} title="A test of this" query=${{ number: exchange.number }} onClose=${() => setMaking(false)} />`}
  `;
}

/** Shows a test that makes the exchanges of a query. */
export function TestDialog({ name, title, query, onClose }) {
  const { data: source, error } = useData((options) => get(worldPath(name, "/journal"), { format: "pytest", ...query }, { as: "text", ...options }), [name, query]);
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <${Problem} error=${error} world=${name} />
    ${source && html`
      <pre class="source" tabindex="0" aria-label="Source of the test"><code>${source}</code></pre>
      <p class="buttons"><${Copy} kind="main" text=${source} label="Copy the test" /></p>
    `}
  <//>`;
}
