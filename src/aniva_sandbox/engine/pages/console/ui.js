// Parts that several pages use.

import { html, useEffect, useRef, useState } from "./html.js";
import { link } from "./routes.js";
import { away, instant, iso } from "./words.js";

/** An instant, with its distance from now if one is given. */
export function Time({ at, now }) {
  const value = iso(at);
  return html`<time datetime=${value} title=${value}>${instant(at)}</time>${now && html` <span class="soft">${away(at, now)}</span>`}`;
}

/** An error of a call, with its rule. */
export function Problem({ error, world = null }) {
  if (!error) return null;
  const text = error.status ? error.message : "The server does not respond. The page goes on trying.";
  return html`<p class="notice bad" role="alert">
    ${text} ${error.rule && html`<${RuleLink} id=${error.rule} world=${world} />`}
  </p>`;
}

/** A link to a rule of the ledger. */
export function RuleLink({ id, world = null, basis }) {
  return html`<a class="rule ${basis ?? ""}" href=${link(world, "rules", [id])}><code>${id}</code></a>`;
}

/** Whether a rule is documented, assumed, a conflict, or the sandbox's own. */
export const Basis = ({ value }) => html`<span class="badge ${value}">${value}</span>`;

/** The status of a response; 0 or null if there was none. */
export function Status({ value }) {
  const kind = !value ? "none" : value < 400 ? "good" : value < 500 ? "warn" : "bad";
  return html`<span class="status ${kind}">${value || "none"}</span>`;
}

/** The state of a record. */
export const State = ({ value }) => (value ? html`<span class="badge state">${value.replaceAll("_", " ")}</span>` : null);

/** A sentence of the server, with names of the API between backticks. */
export function Prose({ text }) {
  return html`${text.split("`").map((part, at) => (at % 2 ? html`<code>${part}</code>` : part))}`;
}

/**
 * A button that does something once at a time: it does nothing until its promise is settled. Errors go to `onError`. It
 * keeps the focus, which a button that is disabled for the browser loses.
 */
export function Action({ run, onError = () => {}, kind = "", type = "button", title, disabled = false, children }) {
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const here = useRef(true);
  useEffect(() => () => void (here.current = false), []);
  const act = async () => {
    if (disabled || running.current) return;
    running.current = true;
    setBusy(true);
    try {
      await run();
      onError(null);
    } catch (error) {
      onError(error);
    } finally {
      running.current = false;
      if (here.current) setBusy(false);
    }
  };
  return html`<button type=${type} class=${kind} title=${title} aria-disabled=${disabled || busy} aria-busy=${busy} onClick=${act}>
    ${children}
  </button>`;
}

/** A button that copies a text, which may be a function that resolves to it, and says so. */
export function Copy({ text, label = "Copy", kind = "" }) {
  const run = async () => {
    const value = typeof text === "function" ? await text() : text;
    await copyText(value);
    say("Copied.");
  };
  return html`<${Action} kind=${kind} run=${run} onError=${(error) => error && say(error.message)}>${label}<//>`;
}

async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea"); // a page that is not on loopback has no clipboard without TLS
  area.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(area); // what is behind a dialog cannot be selected
  area.select();
  document.execCommand("copy");
  area.remove();
  return undefined;
}

/** Pages of a list: `onGo` gets the offset of another page. */
export function Pager({ offset, limit, total, onGo }) {
  if (total <= limit && offset === 0) return null;
  const last = Math.min(offset + limit, total);
  return html`<nav class="pager" aria-label="Pages">
    <${Action} disabled=${offset === 0} run=${() => onGo(Math.max(0, offset - limit))}>Previous<//>
    <span>${(total ? offset + 1 : 0).toLocaleString("en")} to ${last.toLocaleString("en")} of ${total.toLocaleString("en")}</span>
    <${Action} disabled=${last >= total} run=${() => onGo(offset + limit)}>Next<//>
  </nav>`;
}

/** A dialog over the page, with the focus in its first field. `onClose` is called when the user leaves it. */
export function Dialog({ title, onClose, children }) {
  const element = useRef(null);
  useEffect(() => {
    const opener = document.activeElement;
    element.current.showModal();
    element.current.querySelector("form :is(input, select, textarea)")?.focus();
    return () => document.activeElement === document.body && opener.focus(); // a dialog that is removed does not do so
  }, []);
  return html`<dialog ref=${element} aria-label=${title} onClose=${onClose}>
    <header>
      <h2>${title}</h2>
      <button type="button" class="plain" aria-label="Close" onClick=${() => element.current.close()}>✕</button>
    </header>
    ${children}
    <${Messages} />
  </dialog>`;
}

/** A text field that reports what was typed after a short pause. */
export function Search({ value, onSearch, label, placeholder = "" }) {
  const [text, setText] = useState(value);
  const timer = useRef(null);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []); // who leaves the page within the pause stays where they went
  const type = ({ target }) => {
    setText(target.value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onSearch(target.value), 200);
  };
  return html`<input type="search" aria-label=${label} placeholder=${placeholder} value=${text} onInput=${type} />`;
}

const places = []; // where messages are shown

/** Show the user a short message, which screen readers read aloud. */
export const say = (text) => places.forEach((show) => show(text));

/** Where `say` shows its texts: on the page, which stays, and in each dialog, which hides the page meanwhile. */
export function Messages() {
  const [text, setText] = useState("");
  const timer = useRef(null);
  useEffect(() => {
    const show = (value) => {
      setText(value);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setText(""), 4000);
    };
    places.push(show);
    return () => {
      clearTimeout(timer.current);
      places.splice(places.indexOf(show), 1);
    };
  }, []);
  return html`<p class="message" role="status" aria-live="polite">${text}</p>`;
}
