// A state machine as a picture, with the same in words for those who do not see it.

import { html, useMemo } from "./html.js";
import { layOut } from "./machine-layout.js";
import { plain } from "./words.js";

const LINE = 17;
const EDGE = 4; // room for lines at the border of the picture

const kindOf = (by) => (by === "client" ? "client" : "other");

/**
 * The picture of a machine: `states` are names, `moves` are {move, from, to, by}, `now` is the state of the record.
 */
export function Machine({ states, moves, now }) {
  const key = JSON.stringify([states, moves]);
  const drawn = useMemo(() => layOut(states, moves, (text) => widthOf(plain(text))), [key]);
  const [width, height] = [Math.ceil(drawn.width) + 2 * EDGE, Math.ceil(drawn.height) + 2 * EDGE];
  const behind = drawn.arrows.filter(({ from }) => from !== now);
  const open = drawn.arrows.filter(({ from }) => from === now);
  return html`<div class="machine" tabindex="0" role="region" aria-label="Picture of the state machine">
    <svg role="img" aria-label=${inWords(states, moves, now)} width=${width} height=${height} viewBox="${-EDGE} ${-EDGE} ${width} ${height}">
      ${[...behind, ...open].map((arrow) => html`<${Line} arrow=${arrow} open=${arrow.from === now} />`)}
      ${[...behind, ...open].map((arrow) => html`<${Label} arrow=${arrow} open=${arrow.from === now} />`)}
      ${drawn.states.map((state) => html`<${StateBox} state=${state} now=${state.name === now} />`)}
    </svg>
    <p class="record-legend soft">
      ${[...new Set(moves.map(({ by }) => by))].map((by) => html`<span><${Sample} by=${by} /> by ${by === "client" ? "the client" : `the ${by}`}</span>`)}
    </p>
  </div>`;
}

function Line({ arrow, open }) {
  const { x, y, turn } = arrow.head;
  return html`<g class="arrow ${kindOf(arrow.by)} ${open ? "open" : ""}">
    <path class="shaft" d=${arrow.path} />
    <${Head} transform="translate(${x} ${y}) rotate(${turn})" />
  </g>`;
}

const Head = ({ transform }) => html`<path class="head" d="M0,0L-9,-4.5L-9,4.5Z" transform=${transform} />`;

function Label({ arrow, open }) {
  const { x, y, width, anchor } = arrow.label;
  const height = LINE * arrow.moves.length;
  return html`<g class="label ${open ? "open" : ""}">
    ${width > 0 && html`<rect x=${x - width / 2} y=${y - height / 2} width=${width} height=${height} />`}
    ${arrow.moves.map((move, line) => html`<text x=${x} y=${y - height / 2 + LINE * (line + 0.5)} text-anchor=${anchor}>${plain(move)}</text>`)}
  </g>`;
}

function StateBox({ state, now }) {
  const { name, x, y, width, height } = state;
  return html`<g class="state ${now ? "now" : ""}">
    <rect x=${x - width / 2} y=${y - height / 2} width=${width} height=${height} rx="8" />
    <text x=${x} y=${now ? y - 7 : y} text-anchor="middle">${plain(name)}</text>
    ${now && html`<text class="mark" x=${x} y=${y + 10} text-anchor="middle">now</text>`}
  </g>`;
}

const Sample = ({ by }) => html`<svg aria-hidden="true" width="40" height="12" viewBox="0 -6 40 12">
  <g class="arrow open ${kindOf(by)}"><path class="shaft" d="M0,0L38,0" /><${Head} transform="translate(39 0)" /></g>
</svg>`;

/** All moves of a machine, as a table. */
export function MoveTable({ moves }) {
  return html`<div class="table" tabindex="0" role="region" aria-label="All moves">
    <table>
      <thead><tr><th scope="col">From</th><th scope="col">Move</th><th scope="col">To</th><th scope="col">By</th></tr></thead>
      <tbody>${moves.map((each) => html`<tr><td>${plain(each.from)}</td><td>${plain(each.move)}</td><td>${plain(each.to)}</td><td>${each.by}</td></tr>`)}</tbody>
    </table>
  </div>`;
}

function inWords(states, moves, now) {
  const open = moves.filter(({ from }) => from === now).map(({ move, to, by }) => `${plain(move)} by the ${by}, to ${plain(to)}`);
  const all = `State machine with the states ${states.map(plain).join(", ")}. The state is ${plain(now)}.`;
  return `${all} ${open.length ? `Open moves: ${open.join("; ")}.` : "No move is open."}`;
}

let canvas = null;

function widthOf(text) {
  canvas ??= document.createElement("canvas").getContext("2d");
  canvas.font = "600 13px system-ui, sans-serif"; // that of open moves, the widest
  return canvas.measureText(text).width;
}
