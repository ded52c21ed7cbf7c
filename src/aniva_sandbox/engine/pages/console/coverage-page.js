import { html } from "./html.js";

export function CoveragePage({ name }) {
  return html`<h1>Coverage</h1><p>${name}</p>`;
}
