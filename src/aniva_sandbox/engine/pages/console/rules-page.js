// The ledger: every rule that the sandbox enforces, by where it is from.

import { addresses, rules } from "./control.js";
import { html, useMemo } from "./html.js";
import { BASES, NEVER, chosen, valuesOf } from "./ledger.js";
import { useData } from "./live.js";
import { go, link } from "./routes.js";
import { RuleEntry } from "./rule-entry.js";
import { Problem, Prose, Search, Status } from "./ui.js";
import { counted } from "./words.js";

export function RulesPage({ name, version, rest, query }) {
  const { data: ledger, error } = useData(rules, ["rules"]);
  const { data: places } = useData(() => addresses(name), [name]);
  const id = rest.join("/");
  if (ledger === null) return html`<h1>Rules</h1><${Problem} error=${error} world=${name} />`;
  if (id) return html`<${RuleEntry} key=${id} ...${{ name, version, ledger, id, query }} places=${places ?? {}} />`;
  return html`<${LedgerPage} ...${{ name, ledger, query }} />`;
}

const NAMES = ["q", "basis", "status", "operation"];

function LedgerPage({ name, ledger, query }) {
  const found = useMemo(() => chosen(ledger, query), [ledger, query]);
  const filter = (values, { replace = false } = {}) => go(link(name, "rules", [], { ...query, ...values }), { replace });
  const isFiltered = NAMES.some((each) => query[each]);
  return html`
    <h1>Rules</h1>
    <p class="soft">What the sandbox enforces, and where it is from. A part of a rule that has another basis is a clause, <code>rule/clause</code>.</p>
    <${Filters} ...${{ name, ledger, query, filter, isFiltered }} />
    <p class="soft" role="status">${isFiltered ? `${found.length.toLocaleString("en")} of ${counted(ledger.length, "rule")}` : counted(ledger.length, "rule")}</p>
    ${Object.entries(BASES).map(([basis, meaning]) => html`<${Group} key=${basis} ...${{ name, query, basis, meaning }} found=${found.filter((rule) => rule.basis === basis)} />`)}
  `;
}

function Filters({ name, ledger, query, filter, isFiltered }) {
  const { statuses, operations } = useMemo(() => valuesOf(ledger), [ledger]);
  // Every basis with the number of rules that the other filters leave of it.
  const others = useMemo(() => chosen(ledger, { ...query, basis: undefined }), [ledger, query]);
  const part = (basis, count) => html`<a href=${link(name, "rules", [], { ...query, basis })} aria-current=${(query.basis ?? "") === basis ? "true" : undefined}>
    ${basis || "all"} <span class="number">${count.toLocaleString("en")}</span>
  </a>`;
  return html`<nav class="bases" aria-label="Basis">
      ${part("", others.length)}
      ${Object.keys(BASES).map((basis) => part(basis, others.filter((rule) => rule.basis === basis).length))}
    </nav>
    <div class="filters" role="search" aria-label="Rules">
      <${Search} value=${query.q ?? ""} label="Search in ids, sentences and sources" placeholder="Id, word or source" onSearch=${(q) => filter({ q }, { replace: true })} />
      <select aria-label="Status" value=${query.status ?? ""} onChange=${({ target }) => filter({ status: target.value })}>
        <option value="">All statuses</option>
        ${statuses.map((each) => html`<option key=${each} value=${String(each)}>${each}</option>`)}
        <option value=${NEVER}>Never refuses</option>
      </select>
      <select aria-label="Operation" value=${query.operation ?? ""} onChange=${({ target }) => filter({ operation: target.value })}>
        <option value="">All operations</option>
        ${operations.map((each) => html`<option key=${each} value=${each}>${each}</option>`)}
      </select>
      ${isFiltered && html`<a class="button" href=${link(name, "rules")}>Clear filters</a>`}
    </div>`;
}

function Group({ name, query, basis, meaning, found }) {
  if (found.length === 0) return null;
  return html`<section aria-labelledby="basis-${basis}">
    <h2 id="basis-${basis}" class="basis">${basis} <span class="soft number">${found.length.toLocaleString("en")}</span></h2>
    <p class="soft meaning">${meaning}</p>
    <div class="table" tabindex="0" role="region" aria-label="Rules: ${basis}">
      <table class="cards ledger">
        <thead>
          <tr><th scope="col">Rule</th><th scope="col">Refuses with</th><th scope="col">What it says</th><th scope="col">Operations</th></tr>
        </thead>
        <tbody>
          ${found.map((rule) => html`<${Row} key=${rule.id} ...${{ name, query, rule }} />`)}
        </tbody>
      </table>
    </div>
  </section>`;
}

function Row({ name, query, rule }) {
  return html`<tr>
    <th scope="row"><a href=${link(name, "rules", [rule.id], query)}><code>${rule.id}</code></a></th>
    <td data-label="Refuses with"><${Statuses} values=${rule.statuses} /></td>
    <td><${Prose} text=${rule.sentence} /></td>
    <td data-label="Operations" class="operations">${rule.operations.length === 1 ? html`<code>${rule.operations[0]}</code>` : rule.operations.length || html`<span class="soft nothing">none</span>`}</td>
  </tr>`;
}

/** The statuses that a rule refuses with. */
const Statuses = ({ values }) =>
  values.length ? values.map((each) => html`<${Status} key=${each} value=${each} /> `) : html`<span class="soft nothing">never refuses</span>`;
