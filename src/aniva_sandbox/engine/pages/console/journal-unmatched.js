// Calls that reached no world: a line that opens.

import { html, useState } from "./html.js";
import { Action, Problem, RuleLink, Status } from "./ui.js";
import { counted } from "./words.js";

export function Unmatched({ calls, clear, world }) {
  const [problem, setProblem] = useState(null);
  if (calls.length === 0) return null;
  const [newest] = calls;
  return html`<details class="notice unmatched">
    <summary>
      <strong>${counted(calls.length, "call")} reached no world.</strong> <span class="last">Last: <${Call} call=${newest} /> <${Status} value=${newest.status} /> ${newest.causes.map((cause) => cause.message).join("; ")}</span>
    </summary>
    <div class="table" tabindex="0" role="region" aria-label="Calls that reached no world">
      <table class="cards">
        <thead>
          <tr><th scope="col">Call</th><th scope="col">Status</th><th scope="col">What is wrong</th><th scope="col">Rule</th></tr>
        </thead>
        <tbody>
          ${calls.map(
            (call) => html`<tr key=${call.number}>
              <th scope="row"><${Call} call=${call} /></th>
              <td data-label="Status"><${Status} value=${call.status} /></td>
              <td data-label="What is wrong">${call.causes.map((cause) => html`<div key=${cause.id}>${cause.message}</div>`)}</td>
              <td data-label="Rule">${call.rules.map((rule) => html`<${RuleLink} key=${rule.id} id=${rule.id} world=${world} />`)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <${Problem} error=${problem} />
    <p class="buttons"><${Action} run=${clear} onError=${setProblem}>Clear these calls<//></p>
  </details>`;
}

const Call = ({ call }) => html`<span class="mono">${call.method} ${call.path}</span>`;
