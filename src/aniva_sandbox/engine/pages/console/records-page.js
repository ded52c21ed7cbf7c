import { html } from "./html.js";

export function RecordsPage({ name }) {
  return html`<h1>Records</h1><p>${name}</p>`;
}
