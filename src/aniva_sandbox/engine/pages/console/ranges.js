// Measured values, each with the ranges that it is compared with: as a bar, and in words.

import { html, useMemo } from "./html.js";
import { counted, plain } from "./words.js";

const EDGE = 4; // percent of a bar that stay free at each end, so that marks are whole

/** Measurements by group. Those that have not arrived are listed apart, by their status. */
export function Measurements({ measurements }) {
  const groups = useMemo(() => grouped(measurements.filter(isThere)), [measurements]);
  const waiting = useMemo(() => [...grouped(measurements.filter((each) => !isThere(each)), "status")], [measurements]);
  const arrived = measurements.filter(isThere);
  const outside = arrived.filter((each) => sideOf(each) !== "").length;
  return html`
    <p class="soft">
      ${arrived.length.toLocaleString("en")} of ${counted(measurements.length, "value")} arrived${arrived.length > 0 && `, ${outside.toLocaleString("en")} outside the normal range`}.
    </p>
    ${arrived.length > 0 && html`<${Legend} /><${Values} groups=${groups} />`}
    ${waiting.map(([status, members]) => html`<${Waiting} key=${status} status=${status} measurements=${members} />`)}
  `;
}

const isThere = ({ value, text }) => value !== null || text !== null;

function Waiting({ status, measurements }) {
  return html`<h3>${plain(status)}: ${measurements.length}</h3>
    <dl class="record-facts">
      ${[...grouped(measurements)].map(
        ([group, rows]) => html`<div>
          <dt>${group ? plain(group) : "other"}</dt>
          <dd>${rows.map((each, index) => html`${index > 0 && ", "}<bdi>${each.name}</bdi>`)}</dd>
        </div>`,
      )}
    </dl>`;
}

function grouped(measurements, by = "group") {
  const groups = new Map();
  for (const each of measurements) {
    const group = each[by] ?? "";
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(each);
  }
  return groups;
}

const Legend = () => html`<p class="record-legend soft" aria-hidden="true">
  <span><svg class="range" width="34" height="18"><rect class="normal" x="0" y="5" width="34" height="8" /></svg> normal</span>
  <span><svg class="range" width="34" height="18"><rect class="normal" x="0" y="5" width="34" height="8" /><rect class="optimal" x="8" y="5" width="18" height="8" /></svg> optimal</span>
  <span><svg class="range" width="18" height="18"><svg x="9" y="9" overflow="visible"><${Mark} side="" /></svg></svg> value</span>
  <span><svg class="range" width="18" height="18"><svg x="9" y="9" overflow="visible"><${Mark} side="below" /></svg></svg> below</span>
  <span><svg class="range" width="18" height="18"><svg x="9" y="9" overflow="visible"><${Mark} side="above" /></svg></svg> above</span>
</p>`;

function Values({ groups }) {
  return html`<div class="table" tabindex="0" role="region" aria-label="Values">
    <table class="cards record-values">
      <thead><tr><th scope="col">Name</th><th scope="col">Value</th><th scope="col" class="bar">Ranges</th><th scope="col">Normal</th><th scope="col">Optimal</th><th scope="col">Verdict</th></tr></thead>
      ${[...groups].map(
        ([group, rows]) => html`<tbody key=${group}>
          ${group && html`<tr class="group"><th colspan="6" scope="rowgroup">${plain(group)}</th></tr>`}
          ${rows.map((each, index) => html`<${Value} key=${index} measurement=${each} />`)}
        </tbody>`,
      )}
    </table>
  </div>`;
}

function Value({ measurement }) {
  const { name, value, text, unit, low, high, optimal_low, optimal_high, note } = measurement;
  const side = sideOf(measurement);
  const hasRange = [low, high, optimal_low, optimal_high].some((each) => each !== null);
  return html`<tr>
    <th scope="row"><bdi>${name}</bdi></th>
    <td data-label="Value" class="number nowrap"><strong><bdi>${text ?? value}</bdi></strong>${unit && html` <bdi class="soft">${unit}</bdi>`}</td>
    <td class="bar">${value !== null && hasRange && html`<${Bar} measurement=${measurement} side=${side} />`}</td>
    <td data-label="Normal" class="number nowrap">${range(low, high)}</td>
    <td data-label="Optimal" class="number nowrap">${range(optimal_low, optimal_high)}</td>
    <td data-label="Verdict" class=${side ? "outside" : ""}>${verdictOf(measurement, side)}${note && html`<span class="record-note soft"><bdi>${note}</bdi></span>`}</td>
  </tr>`;
}

/** On which side of the normal range a value is: "below", "above" or "". */
function sideOf({ value, low, high }) {
  if (value === null) return "";
  if (low !== null && value < low) return "below";
  return high !== null && value > high ? "above" : "";
}

function verdictOf({ verdict }, side) {
  const said = verdict ?? (side && `${side} the normal range`);
  return said ? html`<bdi>${plain(said)}</bdi>` : html`<span class="soft" aria-label="none">–</span>`;
}

function range(low, high) {
  if (low === null && high === null) return html`<span class="soft" aria-label="none">–</span>`;
  if (low === null) return `up to ${high}`;
  return high === null ? `from ${low}` : `${low} to ${high}`;
}

/**
 * The scale of a bar: {at, isOff}. `at` returns the place of a value in percent of the bar's width. Beyond a closed end
 * of the ranges there is at most as much room as they take; a value further out (`isOff`) is drawn at the end of the bar.
 */
export function scaleOf({ value, low, high, optimal_low, optimal_high }) {
  const ends = [low, high, optimal_low, optimal_high].filter((each) => each !== null);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const [isOpenBelow, isOpenAbove] = [low ?? optimal_low, high ?? optimal_high].map((end) => end === null);
  const width = Math.max(most - least, isOpenBelow || isOpenAbove ? Math.abs(most) : 0) || Math.abs(most) || 1;
  const from = Math.max(isOpenBelow ? -Infinity : least - width, Math.min(value, least) - width / 4);
  const to = Math.min(isOpenAbove ? Infinity : most + width, Math.max(value, most) + width / 4);
  const begin = least < 0 || value < 0 ? from : isOpenBelow ? 0 : Math.max(0, from); // most values are not negative
  const share = (each) => EDGE + ((each - begin) / (to - begin)) * (100 - 2 * EDGE);
  return { at: (each) => Math.min(100 - EDGE, Math.max(EDGE, share(each))), isOff: value < begin || value > to };
}

function Bar({ measurement, side }) {
  const { value, low, high, optimal_low, optimal_high } = measurement;
  const { at, isOff } = scaleOf(measurement);
  return html`<svg class="range" aria-hidden="true" width="100%" height="18">
    <line class="base" x1="0" x2="100%" y1="9" y2="9" />
    <${Span} kind="normal" low=${low} high=${high} at=${at} />
    <${Span} kind="optimal" low=${optimal_low} high=${optimal_high} at=${at} />
    <svg x="${at(value)}%" y="9" overflow="visible"><${Mark} side=${side} isOff=${isOff} /></svg>
  </svg>`;
}

/** A range; an end that is closed has a line, an open one reaches to the end of the bar. */
function Span({ kind, low, high, at }) {
  if (low === null && high === null) return null;
  const [begin, end] = [low === null ? 0 : at(low), high === null ? 100 : at(high)];
  return html`
    <rect class=${kind} x="${begin}%" y="5" width="${Math.max(end - begin, 0.5)}%" height="8" />
    ${low !== null && html`<line class="end ${kind}" x1="${begin}%" x2="${begin}%" y1="3" y2="15" />`}
    ${high !== null && html`<line class="end ${kind}" x1="${end}%" x2="${end}%" y1="3" y2="15" />`}
  `;
}

const SHAPES = { "": "M0,-6L6,0L0,6L-6,0Z", below: "M-6,0L5,-6.5L5,6.5Z", above: "M6,0L-5,-6.5L-5,6.5Z" };

/** The mark of a value: a diamond, or a triangle that points to where it has left the range. */
function Mark({ side, isOff = false }) {
  return html`<g class="value ${side && "outside"}">
    <path d=${SHAPES[side]} />
    ${isOff && html`<path class="off" d=${side === "below" ? "M-7,-6.5L-7,6.5" : "M7,-6.5L7,6.5"} />`}
  </g>`;
}
