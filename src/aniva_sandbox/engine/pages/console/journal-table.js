// The lines of a journal as a table: one stop of the Tab key, the arrow keys go from line to line.

import { html, useEffect, useMemo, useState } from "./html.js";
import { go, link } from "./routes.js";
import { Status } from "./ui.js";
import { instant, iso } from "./words.js";

const STEP = 200; // lines that are added at once

export function Lines({ name, lines, query, opened, now }) {
  const [most, setMost] = useState(STEP);
  const [focused, setFocused] = useState(null);
  const place = lines.findIndex((line) => line.number === opened);
  const shown = lines.slice(0, Math.max(most, place + 1));
  const current = [opened, focused].find((number) => number !== null && shown.some((line) => line.number === number)) ?? shown[0]?.number;
  const year = now.slice(0, 4);
  useEffect(() => {
    if (place >= 0) bringIntoView(lineOf(opened)?.closest("tr"));
  }, [opened]);
  const addressOf = (number) => link(name, "journal", [number], query);
  const press = (event) => {
    const to = target(event, shown);
    if (to === null) return;
    event.preventDefault();
    setFocused(to);
    focusLine(to);
    if (opened !== null) go(addressOf(to), { replace: true });
  };
  const click = (event) => {
    const row = event.target.closest("tr[data-line]");
    if (row && !event.target.closest("a") && !getSelection().toString()) go(addressOf(Number(row.dataset.line)));
  };
  return html`
    <table class="lines" aria-label="Exchanges, newest first" onKeyDown=${press} onClick=${click}>
      <thead>
        <tr><th scope="col">No.</th><th scope="col">Time</th><th scope="col">Status</th><th scope="col">Call</th><th scope="col">Operation</th><th scope="col">What it met</th></tr>
      </thead>
      <tbody>
        ${shown.map((line) => html`<${Line} key=${line.number} line=${line} name=${name} address=${addressOf(line.number)} year=${year} isOpened=${line.number === opened} isCurrent=${line.number === current} />`)}
      </tbody>
    </table>
    ${shown.length < lines.length && html`<p><button type="button" onClick=${() => setMost(shown.length + STEP)}>Show ${Math.min(STEP, lines.length - shown.length)} older</button></p>`}
  `;
}

/** The number of the line that a key leads to; null if it leads to none. */
function target(event, shown) {
  const from = event.target.closest?.("a[data-number]");
  if (!from || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null;
  const place = shown.findIndex((line) => line.number === Number(from.dataset.number));
  const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: shown.length - 1 }[event.key];
  return shown[to]?.number ?? null;
}

/** Scrolls to a row if it is out of view. Some browsers let the Tab key go on from where they scrolled to. */
function bringIntoView(row) {
  const [at, list] = [row, row?.closest(".list")].map((each) => each?.getBoundingClientRect());
  if (list && (at.top < Math.max(list.top, 0) || at.bottom > Math.min(list.bottom, innerHeight))) row.scrollIntoView({ block: "nearest" });
}

const lineOf = (number) => document.querySelector(`a[data-number="${number}"]`);

/** Puts the focus to the line of an exchange, if it is shown. */
export const focusLine = (number) => lineOf(number)?.focus();

/** A line. It is made once: exchanges do not change. */
function Line({ line, name, address, year, isOpened, isCurrent }) {
  const tab = isCurrent ? 0 : -1;
  return useMemo(
    () => html`<tr data-line=${line.number} class=${isOpened ? "chosen" : undefined}>
      <td class="n number">${line.number}</td>
      <td class="at number"><time datetime=${iso(line.time)} title=${iso(line.time)}>${short(line.time, year)}</time></td>
      <td class="outcome"><${Status} value=${line.status} /></td>
      <th scope="row" class="call"><a href=${address} data-number=${line.number} tabindex=${tab} aria-current=${isOpened ? "true" : undefined} title=${`${line.method} ${line.path}`}><span class="method">${line.method}</span> ${line.path}</a></th>
      <td class="operation" title=${line.operation}>${line.operation ?? html`<span class="soft">none</span>`}</td>
      <td class="met"><${Met} line=${line} world=${name} tab=${tab} /></td>
    </tr>`,
    [line, name, address, year, isOpened, tab],
  );
}

/** What the call met: the rules that refused it, a fault, a mismatch, hints. */
function Met({ line, world, tab }) {
  return html`
    ${line.rules.map((rule) => html`<a key=${rule.id} class="rule ${rule.basis}" tabindex=${tab} href=${link(world, "rules", [rule.id])} title=${rule.sentence}>${rule.id}</a> `)}
    ${line.fault && html`<span class="fault" title=${line.fault}>fault: ${line.fault}</span> `}
    ${line.mismatch && html`<span class="mismatch" title=${line.mismatch}>mismatch: ${line.mismatch}</span> `}
    ${line.hints.length > 0 && html`<span class="hint" title=${line.hints.join("\n")}>hint: ${line.hints.join("; ")}</span>`}
  `;
}

/** An instant without its weekday, and without its year if that is this one. */
function short(time, year) {
  const text = instant(time).replace(/^\S+ /, "");
  return text.replace(` ${year},`, ",");
}
