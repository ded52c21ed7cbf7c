// The entry of the console.

import { App } from "./app.js";
import { html, render } from "./html.js";

const root = document.getElementById("console");
root.replaceChildren();
render(html`<${App} />`, root);
