import { html } from "./html.js";

export function JournalPage({ name }) {
  return html`<h1>Journal</h1><p>${name}</p>`;
}
