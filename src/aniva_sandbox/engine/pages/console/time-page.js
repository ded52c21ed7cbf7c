import { html } from "./html.js";

export function TimePage({ name }) {
  return html`<h1>Time</h1><p>${name}</p>`;
}
