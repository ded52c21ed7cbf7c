// One axis of coverage: its items, those that are missing first, with what would meet them.

import { axisMeanings, rules } from "./control.js";
import { STATES, chosen, closest, isFewer, parts, stateOf, times } from "./coverage.js";
import { html, useMemo } from "./html.js";
import { useData } from "./live.js";
import { go, link } from "./routes.js";
import { Copy, Prose, RuleLink, Search } from "./ui.js";
import { counted } from "./words.js";

const TESTS = 3; // the tests of an item that are shown; more are folded

/** `places` are the addresses of operations in the reference. */
export function CoverageAxis({ name, axis, report, query, places }) {
  const { data: ledger } = useData(rules, ["rules"]);
  const { data: meanings } = useData(axisMeanings, ["axes"]);
  const ids = useMemo(() => new Set((ledger ?? []).map((rule) => rule.id)), [ledger]);
  const back = html`<p class="back"><a href=${link(name, "coverage")}>All axes</a></p>`;
  const { list } = report.axes[axis] ?? {};
  if (!list) return html`${back}<h1>${axis}</h1><p>There is no such axis.</p>`;
  const found = chosen(axis, list, query);
  return html`
    ${back}
    <h1 class="axis">Coverage: ${axis}</h1>
    <p class="soft">${meanings?.[axis]}</p>
    <${Filters} ...${{ name, axis, list, query }} />
    <p class="soft" role="status">${found.length === list.length ? counted(list.length, "item") : `${found.length.toLocaleString("en")} of ${counted(list.length, "item")}`}</p>
    ${found.length > 0 && html`<${Items} ...${{ name, axis, found, ids, places }} />`}
  `;
}

function Filters({ name, axis, list, query }) {
  const filter = (values, { replace = false } = {}) => go(link(name, "coverage", [axis], { ...query, ...values }), { replace });
  const others = chosen(axis, list, { q: query.q });
  const counts = STATES.map((state) => [state, others.filter((item) => stateOf(axis, item) === state).length]);
  const part = (state, label, count) => html`<a href=${link(name, "coverage", [axis], { ...query, state })} aria-current=${(query.state ?? "") === state ? "true" : undefined}>
    ${label} <span class="number">${count.toLocaleString("en")}</span>
  </a>`;
  return html`<nav class="bases" aria-label="State">
      ${part("", "all", others.length)}
      ${counts.filter(([state, count]) => count > 0 || query.state === state).map(([state, count]) => part(state, state, count))}
    </nav>
    <div class="filters" role="search" aria-label="Items">
      <${Search} value=${query.q ?? ""} label="Search in items, tests and next steps" placeholder="Item, test or next step" onSearch=${(q) => filter({ q }, { replace: true })} />
    </div>`;
}

function Items({ name, axis, found, ids, places }) {
  return html`<div class="table" tabindex="0" role="region" aria-label="Items">
    <table class="cards items">
      <thead>
        <tr><th scope="col">Item</th><th scope="col">State</th><th scope="col">${isFewer(axis) ? "What was decided, and the tests that lean on it" : "Next step, or the tests that met it"}</th></tr>
      </thead>
      <tbody>
        ${found.map(
          (item) => html`<tr key=${item.id}>
            <th scope="row"><${ItemId} ...${{ name, id: item.id, ids, places }} /></th>
            <td data-label="State"><${ItemState} axis=${axis} item=${item} /></td>
            <td><${More} item=${item} /></td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** The id of an item, with a link to the rule or the operation that it begins with. */
function ItemId({ name, id, ids, places }) {
  const [head, rest] = parts(id);
  if (ids.has(head)) return html`<${RuleLink} id=${head} world=${name} />${rest}`;
  if (places[head]) return html`<a href=${places[head]}><code>${head}</code></a>${rest}`;
  return id;
}

const KINDS = { missing: "warn", "leaned on": "warn", met: "good" };

function ItemState({ axis, item }) {
  const state = stateOf(axis, item);
  const near = closest(item);
  return html`<span class="status ${KINDS[state] ?? ""}">${state}</span>
    ${item.met && html` <span class="soft nowrap">${times(item.count)}</span>`}
    ${item.by?.length > 0 && html` <span class="soft nowrap">by ${item.by.map((each) => SIDES[each]).join(" and ")}</span>`}
    ${near && html` <span class="soft near">closest: ${near}</span>`}`;
}

const SIDES = { client: "a client", api: "the API's side" };

function More({ item }) {
  const decided = item.sentence && html`<${Prose} text=${item.sentence} />`;
  if (item.reason !== undefined) return html`${decided} <span class="soft">${item.reason}</span>`;
  if (item.next) return html`<div class="next"><pre><code>${item.next}</code></pre><${Copy} text=${item.next} /></div>`;
  const [first, others] = [item.tests.slice(0, TESTS), item.tests.slice(TESTS)];
  return html`${decided}
    ${first.length > 0 && html`<${Tests} names=${first} />`}
    ${others.length > 0 && html`<details><summary>${counted(others.length, "more test")}</summary><${Tests} names=${others} /></details>`}`;
}

const Tests = ({ names }) => html`<ul class="tests">${names.map((each) => html`<li key=${each}><code>${each}</code></li>`)}</ul>`;
