// One rule of the ledger: what it says, whom it concerns, where it is explained, and which calls met it.

import { get, worldPath } from "./control.js";
import { html } from "./html.js";
import { BASES, clausesOf, mentions, parentOf } from "./ledger.js";
import { useData } from "./live.js";
import { link } from "./routes.js";
import { Basis, Copy, Problem, Prose, RuleLink, Status, Time } from "./ui.js";

const CALLS = 20; // the newest, which are shown

/** `places` are the addresses of operations in the reference. */
export function RuleEntry({ name, version, ledger, id, query, places }) {
  const rule = ledger.find((each) => each.id === id);
  const back = html`<p class="back"><a href=${link(name, "rules", [], query)}>All rules</a></p>`;
  if (!rule) return html`${back}<h1><code>${id}</code></h1><p>There is no such rule.</p>`;
  const parent = parentOf(id);
  return html`
    ${back}
    <div class="head">
      <h1 class="rule-id"><code>${id}</code></h1>
      <${Copy} text=${id} label="Copy id" />
    </div>
    <p class="rule-sentence"><${Prose} text=${rule.sentence} /></p>
    <div class="rule-entry">
      <div>
        <dl class="rule-facts">
          <dt>Basis</dt>
          <dd><${Basis} value=${rule.basis} /> <span class="soft">${BASES[rule.basis]}</span></dd>
          <dt>Source</dt>
          <dd><${Prose} text=${rule.source} /></dd>
          <dt>Refuses with</dt>
          <dd>
            ${rule.statuses.map((each) => html`<${Status} key=${each} value=${each} /> `)}
            ${rule.statuses.length === 0 && html`<span class="soft">It never refuses.</span>`}
            ${rule.kind && html`<span class="soft">${KINDS[rule.kind]}</span>`}
          </dd>
          ${parent && html`<dt>Part of</dt><dd><${RuleLink} id=${parent} world=${name} /></dd>`}
        </dl>
        <${Calls} name=${name} version=${version} id=${id} />
      </div>
      <div>
        <${Clauses} name=${name} clauses=${clausesOf(ledger, id)} />
        <${Operations} rule=${rule} places=${places} />
        <${Guide} id=${id} />
      </div>
    </div>
  `;
}

const KINDS = { format: "for a value in the wrong format", domain: "for a value that has the right format, but breaks the rule" };

function Clauses({ name, clauses }) {
  if (clauses.length === 0) return null;
  return html`<section aria-labelledby="clauses">
    <h2 id="clauses">Clauses</h2>
    <ul class="clauses">
      ${clauses.map(
        (each) => html`<li key=${each.id}>
          <${RuleLink} id=${each.id} world=${name} /> <${Basis} value=${each.basis} />
          <p><${Prose} text=${each.sentence} /></p>
        </li>`,
      )}
    </ul>
  </section>`;
}

function Operations({ rule, places }) {
  if (rule.operations.length === 0) return null;
  return html`<section aria-labelledby="operations">
    <h2 id="operations">${rule.statuses.length ? "Operations it can refuse" : "Operations it concerns"}</h2>
    <ul class="operation-list">
      ${rule.operations.map((each) => html`<li key=${each}>${places[each] ? html`<a href=${places[each]}><code>${each}</code></a>` : html`<code>${each}</code>`}</li>`)}
    </ul>
  </section>`;
}

/** The sections of the guide that mention the rule, if there is a guide. */
function Guide({ id }) {
  const guide = JSON.parse(document.body.dataset.links).Guide;
  const { data: sections } = useData((options) => (guide ? sectionsOf(guide, options) : Promise.resolve([])), [guide]);
  const found = sections ? mentions(sections, id) : [];
  if (found.length === 0) return null;
  return html`<section aria-labelledby="guide">
    <h2 id="guide">In the guide</h2>
    <ul>
      ${found.map((each) => html`<li key=${each.address}><a href=${each.address}>${each.topic === each.heading ? each.topic : `${each.topic}: ${each.heading}`}</a></li>`)}
    </ul>
  </section>`;
}

let kept = null; // the guide does not change while the page is open

async function sectionsOf(guide, { signal }) {
  if (kept === null) {
    const response = await fetch(`${guide}/search.json`, { signal });
    kept = response.ok ? await response.json() : [];
  }
  return kept;
}

function Calls({ name, version, id }) {
  const { data: journal, error } = useData(
    (options) => get(worldPath(name, "/journal"), { rule: id, brief: true, last: CALLS + 1 }, options),
    [name, id],
    version,
  );
  const calls = [...(journal?.exchanges ?? [])].reverse();
  const isRefused = (call) => call.rules.some((each) => each.id === id);
  return html`<section aria-labelledby="calls">
    <h2 id="calls">Calls of this world</h2>
    <${Problem} error=${error} world=${name} />
    ${journal && calls.length === 0 && html`<p class="soft">It has refused no call yet, and no call has relied on it.</p>`}
    ${calls.length > 0 &&
    html`<div class="table" tabindex="0" role="region" aria-label="Calls">
      <table class="cards">
        <thead>
          <tr><th scope="col">Call</th><th scope="col">Status</th><th scope="col">Operation</th><th scope="col">The rule</th><th scope="col">Time</th></tr>
        </thead>
        <tbody>
          ${calls.slice(0, CALLS).map(
            (call) => html`<tr key=${call.number}>
              <th scope="row"><a href=${link(name, "journal", [String(call.number)])} aria-label="Call ${call.number}">${call.number}</a></th>
              <td data-label="Status"><${Status} value=${call.status} /></td>
              <td data-label="Operation"><code>${call.operation ?? `${call.method} ${call.path}`}</code></td>
              <td data-label="The rule">${isRefused(call) ? "refused it" : "was relied on"}</td>
              <td data-label="Time"><${Time} at=${call.time} /></td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`}
    ${calls.length > CALLS && html`<p><a href=${link(name, "journal", [], { rule: id })}>All such calls in the journal</a></p>`}
  </section>`;
}
