import { html } from "./html.js";

export function RulesPage({ name }) {
  return html`<h1>Rules</h1><p>${name}</p>`;
}
