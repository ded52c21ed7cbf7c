// Faults of a world: what is injected, what fired, and injecting more.

import { call, componentSchema, controlDocument, get, post, rules, worldPath } from "./control.js";
import { effectsOf, inWords, readFault, targetWords } from "./effects.js";
import { Form, fieldsOf } from "./forms.js";
import { html, useId, useState } from "./html.js";
import { useData } from "./live.js";
import { link } from "./routes.js";
import { Action, Problem, Status, Time, say } from "./ui.js";

const FIRED = 50; // exchanges that are shown

export function FaultsPage({ name, version, refresh, query }) {
  const { data: document, error: noDocument } = useData(controlDocument, ["document"]);
  const { data: ledger } = useData(rules, ["rules"]);
  const { data: faults, error } = useData((options) => get(worldPath(name, "/faults"), {}, options), [name], version);
  const schema = document && componentSchema(document, "FaultRequest");
  const operations = document && ledger ? operationsOf(document, ledger) : [];
  const inject = async (body) => {
    const fault = await post(worldPath(name, "/faults"), body);
    say(`Injected ${fault.id}.`);
    refresh();
  };
  return html`
    <h1>Faults</h1>
    <p class="soft">Errors, delays and lost responses that calls to the API meet. The first fault that is due and matches a call fires. Nothing is random.</p>
    <${Problem} error=${error ?? noDocument} world=${name} />
    <div class="split">
      <div>
        <${Usual} ...${{ name, operations, inject }} operation=${query.operation ?? ""} />
        <details class="panel" open=${isWide}>
          <summary><h2>Any other fault</h2></summary>
          ${schema && html`<div class="fault-form"><${FaultForm} ...${{ name, schema, operations, inject }} operation=${query.operation} /></div>`}
        </details>
      </div>
      <div>
        ${faults && schema && html`<${Injected} ...${{ name, faults, schema, refresh }} />`}
        <${Fired} name=${name} version=${version} />
      </div>
    </div>
  `;
}

const isWide = matchMedia("(min-width: 64rem)").matches;

/** The operations of the API that the ledger knows: those that are not the control plane's. */
function operationsOf(document, ledger) {
  const own = Object.values(document.paths).flatMap((path) => Object.values(path).map((each) => each.operationId));
  return [...new Set(ledger.flatMap((rule) => rule.operations))].filter((each) => !own.includes(each)).sort();
}

const USUAL = [
  ["503", { status: 503 }],
  ["429, Retry-After", { status: 429, retry_after: 2 }],
  ["Response lost", { drop: "after" }],
  ["Connection closed", { drop: "before" }],
  ["Slow", { latency_ms: 2000 }],
  ["Broken JSON", { malformed: true }],
];

/** The usual faults by one click. */
function Usual({ name, operations, inject, operation }) {
  const [chosen, setChosen] = useState(operation);
  const [often, setOften] = useState("once");
  const [error, setError] = useState(null);
  const id = useId();
  const where = { ...(chosen && { operation: chosen }), times: often === "once" ? 1 : null };
  return html`<section aria-labelledby="usual-title">
    <h2 id="usual-title">The usual ones</h2>
    <div class="usual-when">
      <div class="field">
        <label for="${id}-calls">Calls</label>
        <select id="${id}-calls" value=${chosen} onChange=${({ target }) => setChosen(target.value)}>
          <option value="">all calls</option>
          ${operations.map((each) => html`<option key=${each} value=${each}>${each}</option>`)}
        </select>
      </div>
      <div class="field">
        <label for="${id}-often">Fires</label>
        <select id="${id}-often" value=${often} onChange=${({ target }) => setOften(target.value)}>
          <option value="once">once</option>
          <option value="always">on every call</option>
        </select>
      </div>
    </div>
    <ul class="usual">
      ${USUAL.map(([label, effects]) => html`<li key=${label}><${Action} run=${() => inject({ ...where, ...effects })} onError=${setError}>${label}<//> <span class="soft">${inWords(effects)}</span></li>`)}
    </ul>
    <${Problem} error=${error} world=${name} />
  </section>`;
}

const CALLS = ["operation", "method", "path"];
const WHEN = ["times", "after"];

/** A form with all fields of a fault; what is neither about the calls nor about when it fires is an effect. */
function FaultForm({ name, schema, operations, inject, operation }) {
  const effects = Object.keys(schema.properties).filter((each) => ![...CALLS, ...WHEN].includes(each));
  const part = (names, group) => fieldsOf(schema, names).map((field) => ({ ...field, group, ...SPECIAL[field.name] }));
  const fields = [
    ...part(CALLS, "Which calls").map((field) => (field.name === "operation" ? { ...field, suggestions: operations } : field)),
    ...part(WHEN, "When"),
    ...part(effects, "Effect").map((field) => (field.schema.type === "boolean" ? { ...field, schema: { ...field.schema, enum: [true] } } : field)),
  ];
  return html`<p class="soft">Without an operation, a method and a path, it applies to all calls.</p>
    <${Form} fields=${fields} initial=${{ operation }} send=${inject} label="Inject" world=${name} />`;
}

const SPECIAL = { times: { forNull: "every call", hint: "The number of calls that it fires on." } };

function Injected({ name, faults, schema, refresh }) {
  const [error, setError] = useState(null);
  const remove = async (id) => {
    await call("DELETE", worldPath(name, "/faults"), { query: { id } });
    say(id ? `Removed ${id}.` : "Removed all faults.");
    refresh();
  };
  return html`<section aria-labelledby="injected-title">
    <div class="head">
      <h2 id="injected-title">Injected</h2>
      ${faults.length > 0 && html`<${Action} run=${() => remove()} onError=${setError}>Remove all<//>`}
    </div>
    <${Problem} error=${error} world=${name} />
    ${faults.length === 0
      ? html`<p class="soft">There is no fault in this world.</p>`
      : html`<div class="table" tabindex="0" role="region" aria-label="Injected faults">
          <table class="cards">
            <thead>
              <tr><th scope="col">Fault</th><th scope="col">Calls</th><th scope="col">Effect</th><th scope="col">Fired</th><th scope="col"><span class="hidden-text">Actions</span></th></tr>
            </thead>
            <tbody>
              ${faults.map((fault) => html`<${FaultRow} key=${fault.id} ...${{ fault, schema, remove, setError }} />`)}
            </tbody>
          </table>
        </div>`}
  </section>`;
}

function FaultRow({ fault, schema, remove, setError }) {
  const isOver = fault.times !== null && fault.fired >= fault.times;
  return html`<tr class=${isOver ? "over" : ""}>
    <th scope="row" class="nowrap">${fault.id}</th>
    <td data-label="Calls"><${Target} fault=${fault} /></td>
    <td data-label="Effect">${inWords(effectsOf(fault, schema))}</td>
    <td data-label="Fired">
      <span class="number">${fault.fired.toLocaleString("en")}${fault.times === null ? ", every call" : ` of ${fault.times.toLocaleString("en")}`}</span>
      ${isOver && html` <span class="badge">used up</span>`}
      ${fault.after > 0 && html`<br /><span class="soft">${fault.after === 1 ? "lets 1 call pass first" : `lets ${fault.after.toLocaleString("en")} calls pass first`}</span>`}
    </td>
    <td class="buttons"><${Action} run=${() => remove(fault.id)} onError=${setError}>Remove<span class="hidden-text"> ${fault.id}</span><//></td>
  </tr>`;
}

function Target({ fault }) {
  const target = targetWords(fault);
  return target ? html`<code>${target}</code>` : "all calls";
}

/** The newest calls that met a fault. */
function Fired({ name, version }) {
  const { data, error } = useData((options) => get(worldPath(name, "/journal"), { fault: true, brief: true, last: FIRED }, options), [name], version);
  const exchanges = data ? data.exchanges.toReversed() : [];
  return html`<section aria-labelledby="fired-title">
    <h2 id="fired-title">Fired</h2>
    <${Problem} error=${error} world=${name} />
    ${data && exchanges.length === 0 && html`<p class="soft">No call has met a fault yet.</p>`}
    ${exchanges.length > 0 &&
    html`<div class="table" tabindex="0" role="region" aria-label="Calls that met a fault">
      <table class="cards">
        <thead>
          <tr><th scope="col">Call</th><th scope="col">Time, UTC</th><th scope="col">Request</th><th scope="col">Status</th><th scope="col">Fault</th></tr>
        </thead>
        <tbody>
          ${exchanges.map((each) => html`<${Exchange} key=${each.number} name=${name} exchange=${each} />`)}
        </tbody>
      </table>
      ${exchanges.length === FIRED && html`<p class="soft">The newest ${FIRED}.</p>`}
    </div>`}
  </section>`;
}

function Exchange({ name, exchange }) {
  const { by, effects } = readFault(exchange.fault);
  return html`<tr>
    <th scope="row"><a href=${link(name, "journal", [exchange.number])}>${exchange.number}</a></th>
    <td data-label="Time" class="nowrap"><${Time} at=${exchange.time} /></td>
    <td data-label="Request">${exchange.operation && html`<code>${exchange.operation}</code><br />`}<span class="mono soft">${exchange.method} ${exchange.path}</span></td>
    <td data-label="Status"><${Status} value=${exchange.status} /></td>
    <td data-label="Fault">${by}: <span class="soft">${inWords(effects)}</span></td>
  </tr>`;
}
