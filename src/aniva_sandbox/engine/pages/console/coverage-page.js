// What the calls to a world have met of the API, and what they never met.

import { CoverageAxis } from "./coverage-axis.js";
import { isFewer } from "./coverage.js";
import { addresses, axisMeanings, get } from "./control.js";
import { html } from "./html.js";
import { useData } from "./live.js";
import { link } from "./routes.js";
import { Problem } from "./ui.js";
import { counted } from "./words.js";

export function CoveragePage({ name, version, rest, query }) {
  const { data: health, error } = useData((options) => get("/health", {}, options), ["health"], version);
  if (health === null) return html`<h1>Coverage</h1><${Problem} error=${error} world=${name} />`;
  return health.coverage ? html`<${Collected} ...${{ name, version, rest, query }} />` : html`<${NotCollected} />`;
}

function NotCollected() {
  return html`<h1>Coverage</h1>
    <p>This server does not collect coverage. Start it with <code>serve --coverage</code> to see here what the calls to a world have met of the API, and what they have not: statuses, rules, boundaries, moves between states, values, faults.</p>
    <p class="soft">Calls before the restart are not counted.</p>`;
}

function Collected({ name, version, rest, query }) {
  const { data: report, error } = useData((options) => get("/coverage", { worlds: name }, options), [name], version);
  const { data: places } = useData(() => addresses(name), [name]);
  const axis = rest[0];
  if (report === null) return html`<h1>Coverage</h1><${Problem} error=${error} world=${name} />`;
  if (axis !== undefined) return html`<${CoverageAxis} key=${axis} ...${{ name, axis, report, query }} places=${places ?? {}} />`;
  return html`
    <h1>Coverage</h1>
    <p class="soft">What the calls to this world have met of the API, and what they have not. Each axis counts by itself. Resetting or dropping the world keeps what was met. The header <code>X-Sandbox-Test</code> of a call names its test.</p>
    <${Others} name=${name} version=${version} />
    <${Problem} error=${error} world=${name} />
    <${Overview} name=${name} report=${report} />
    <${NotCalled} operations=${report.not_called} places=${places ?? {}} />
  `;
}

/** The server collects by the beginnings of names: says which other worlds are counted, too. */
function Others({ name, version }) {
  const { data: worlds } = useData((options) => get("/worlds", {}, options), ["worlds"], version);
  const others = (worlds ?? []).map((each) => each.name).filter((each) => each !== name && each.startsWith(name));
  if (others.length === 0) return null;
  return html`<p class="notice">
    Calls to ${others.slice(0, 5).map((each, at) => html`${at > 0 && ", "}<code>${each}</code>`)}${others.length > 5 && ` and ${counted(others.length - 5, "other world")}`} are counted too: ${others.length === 1 ? "its name begins" : "their names begin"} with <code>${name}</code>.
  </p>`;
}

function Overview({ name, report }) {
  const { data: meanings } = useData(axisMeanings, ["axes"]);
  return html`<div class="table" tabindex="0" role="region" aria-label="Axes">
    <table class="cards coverage">
      <thead>
        <tr><th scope="col">Axis</th><th scope="col">Met</th><th scope="col"><span class="hidden-text">Share</span></th><th scope="col">Missing</th><th scope="col">An item</th></tr>
      </thead>
      <tbody>
        ${Object.entries(report.axes).map(([axis, { met, items }]) => html`<${AxisRow} key=${axis} ...${{ name, axis, met, items }} meaning=${meanings?.[axis]} />`)}
      </tbody>
    </table>
  </div>`;
}

function AxisRow({ name, axis, met, items, meaning }) {
  const fewer = isFewer(axis);
  return html`<tr>
    <th scope="row"><a href=${link(name, "coverage", [axis])}>${axis}</a></th>
    <td data-label=${fewer ? "Leaned on" : "Met"} class="number nowrap">${met.toLocaleString("en")} of ${items.toLocaleString("en")}${fewer && html` <span class="soft">leaned on</span>`}</td>
    <td class="share"><${Share} axis=${axis} met=${met} items=${items} /></td>
    <td data-label="Missing" class="number">${fewer ? html`<span class="soft nothing">–</span>` : (items - met).toLocaleString("en")}</td>
    <td class="soft">${meaning}</td>
  </tr>`;
}

/** A bar for the share of items that were met. */
function Share({ axis, met, items }) {
  if (items === 0) return null;
  return html`<meter class=${isFewer(axis) ? "fewer" : ""} min="0" max=${items} value=${met} aria-label="${axis}: ${Math.floor((100 * met) / items)} percent met"></meter>`;
}

function NotCalled({ operations, places }) {
  if (operations.length === 0) return null;
  return html`<section aria-labelledby="not-called">
    <h2 id="not-called">Never called</h2>
    <p class="soft">Items that only these ${counted(operations.length, "operation")} could meet are left out.</p>
    <ul class="operation-list">
      ${operations.map((each) => html`<li key=${each}>${places[each] ? html`<a href=${places[each]}><code>${each}</code></a>` : html`<code>${each}</code>`}</li>`)}
    </ul>
  </section>`;
}
