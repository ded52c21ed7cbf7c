// Effects of faults in words.

import { plain } from "./words.js";

const APART = ["operation", "method", "path", "times", "after"];

const time = (ms) => (ms < 1000 ? `${ms} ms` : `${ms / 1000} s`);

const WORDS = {
  latency_ms: (value) => `the response comes ${time(value)} later`,
  status: (value, { retry_after }) => `${value} instead of the call${retry_after === undefined ? "" : `, with Retry-After ${retry_after} s`}`,
  retry_after: () => null, // said with the status
  drop: (value) => (value === "after" ? "the call takes effect, its response is lost" : "the connection closes before the call takes effect"),
  truncate: () => "the connection closes after half of the body",
  malformed: () => "the body is not valid JSON",
  trickle_ms: (value) => `the body comes in ten pieces, ${time(value)} apart`,
};

/** Effects, by the names of the control plane, in words. */
export function inWords(effects) {
  const said = Object.entries(effects).map(([name, value]) => (name in WORDS ? WORDS[name](value, effects) : `${plain(name)} ${value}`));
  return said.filter(Boolean).join("; ");
}

/** The effects of a fault: of its fields, those that are neither about the calls nor about when it fires. */
export function effectsOf(fault, schema) {
  const names = Object.keys(schema.properties).filter((each) => !APART.includes(each) && fault[each] !== undefined);
  return Object.fromEntries(names.map((each) => [each, fault[each]]));
}

/** What a fault applies to: an operation, or a method and a path; empty if it applies to all calls. */
export const targetWords = ({ operation, method, path }) => operation ?? [method, path].filter(Boolean).join(" ");

/** The fault of an exchange, which the journal writes as "fault-1: status=503; retry_after=2". */
export function readFault(text) {
  const [by, written = ""] = text.split(": ");
  const effects = written.split("; ").filter(Boolean).map((each) => each.split("="));
  return { by, effects: Object.fromEntries(effects.map(([name, value]) => [name, /^[0-9]+$/.test(value ?? "") ? Number(value) : (value ?? true)])) };
}
