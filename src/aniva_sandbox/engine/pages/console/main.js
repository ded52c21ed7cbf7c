// The entry of the console.

import { App } from "./app.js";
import { keepFocus } from "./focus.js";
import { html, render } from "./html.js";

const root = document.getElementById("console");
root.replaceChildren();
render(html`<${App} />`, root);
keepFocus(root);
