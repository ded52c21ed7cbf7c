import { html } from "./html.js";

export function FaultsPage({ name }) {
  return html`<h1>Faults</h1><p>${name}</p>`;
}
