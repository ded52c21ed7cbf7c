// What a report of coverage says, in words.

import { span } from "./words.js";

const FEWER = ["assumptions"]; // axes where fewer is better

/** Whether fewer met items are better on an axis. */
export const isFewer = (axis) => FEWER.includes(axis);

/** The states of items in the order in which they are shown. */
export const STATES = ["missing", "leaned on", "met", "not leaned on", "not counted"];

/** What became of an item: one of STATES. */
export function stateOf(axis, item) {
  if (item.reason !== undefined) return "not counted";
  if (isFewer(axis)) return item.met ? "leaned on" : "not leaned on";
  return item.met ? "met" : "missing";
}

/** The items of an axis that pass the filters {q, state}, those that want a look first. */
export function chosen(axis, items, { q = "", state }) {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const found = items.filter(
    (item) => (!state || stateOf(axis, item) === state) && words.every((word) => textOf(item).includes(word)),
  );
  return STATES.flatMap((each) => found.filter((item) => stateOf(axis, item) === each));
}

const textOf = ({ id, next, sentence, tests }) => [id, next, sentence, ...tests].join(" ").toLowerCase();

/** How near calls came to a boundary on its side: "5 min below"; empty if none fell there, or exactly at it. */
export function closest({ closest: distance, unit }) {
  if (!distance) return "";
  const amount = Math.abs(distance);
  const words = unit === "seconds" && amount >= 1 ? span(amount) : `${amount.toLocaleString("en")} ${unit}`.trim();
  return `${words} ${distance < 0 ? "below" : "above"}`;
}

/** How often something was met. */
export const times = (count) => (count === 1 ? "once" : count === 2 ? "twice" : `${count.toLocaleString("en")} times`);

/** An id of an item in two parts: the rule or operation that it begins with, and the rest. */
export function parts(id) {
  const end = id.indexOf(" ");
  return end < 0 ? [id, ""] : [id.slice(0, end), id.slice(end)];
}
