// The lines of a journal: followed while they are looked at, and chosen by filters.

import { call, get, worldPath } from "./control.js";
import { useEffect, useMemo, useRef, useState } from "./html.js";
import { oneAtATime, useData } from "./live.js";

/** The most lines that are kept: as many as a journal keeps by default. */
const MOST = 1000;

/** A journal before it was read. `lines` are its exchanges in brief, newest first; `turn` changes when it begins anew. */
const UNREAD = { lines: null, dropped: 0, turn: 0 };

/** Follow the journal of a world: {journal, error}. It is read again when `version` changes. */
export function useJournal(name, version) {
  const [state, setState] = useState({ journal: UNREAD, error: null });
  const follow = useRef(null);
  useEffect(() => {
    let journal = UNREAD;
    const leaving = new AbortController();
    follow.current = oneAtATime(async () => {
      try {
        journal = await continued(name, journal);
        if (!leaving.signal.aborted) setState((before) => (before.journal === journal && !before.error ? before : { journal, error: null }));
      } catch (error) {
        if (!leaving.signal.aborted) setState({ journal, error });
      }
    }, leaving.signal);
    return () => leaving.abort();
  }, [name]);
  useEffect(() => void follow.current(), [name, version]);
  return state;
}

/**
 * A journal with what was added to it since. The newest line that is known is read again: if it is not there any more,
 * the journal was cleared, or it is that of another world, and all of it is read.
 */
async function continued(name, before) {
  const read = (query) => get(worldPath(name, "/journal"), { brief: true, ...query });
  const newest = before.lines?.[0];
  if (newest) {
    const { exchanges, dropped } = await read({ after: newest.number - 1 });
    if (exchanges.length > 0 && isSame(exchanges[0], newest)) {
      const added = exchanges.slice(1).reverse();
      if (added.length === 0 && dropped === before.dropped) return before;
      const kept = before.lines.length + added.length - (dropped - before.dropped);
      return { ...before, lines: [...added, ...before.lines].slice(0, Math.min(kept, MOST)), dropped };
    }
  }
  const { exchanges, dropped } = await read({ last: MOST });
  return { lines: exchanges.reverse(), dropped, turn: before.lines ? before.turn + 1 : before.turn };
}

const isSame = (one, other) =>
  one.number === other.number && one.time === other.time && one.elapsed_ms === other.elapsed_ms && one.path === other.path;

/** The parts of a journal that can be chosen by `only`, and what a line of each has. */
export const ONLY = {
  __proto__: null, // the address may name anything
  refused: (line) => line.rules.length > 0,
  hints: (line) => line.hints.length > 0,
  faults: (line) => line.fault !== null,
};

/** The rules that a line is found by: those that refused it, and those that it leaned on. */
const rulesOf = (line) => [...line.rules, ...line.relied_on].map((rule) => rule.id);

/** The numbers of the exchanges whose bodies have a text that may be an id: they are searched by the server. */
export function useFound(name, text = "", version) {
  const id = /^\S{6,}$/.test(text.trim()) ? text.trim() : null;
  const load = (options) => get(worldPath(name, "/journal"), { brief: true, search: id }, options);
  const { data } = useData(id === null ? nothing : load, [name, id], version);
  return useMemo(() => new Set(data?.exchanges.map((exchange) => exchange.number)), [data]);
}

const nothing = async () => null;

/**
 * The lines that pass all filters: {search, operation, status, rule, only}, each a text or undefined. `found` are the
 * numbers of those that the server found by the search.
 */
export function chosen(lines, { search, operation, status, rule, only }, found) {
  const words = (search ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return lines.filter(
    (line) =>
      (!operation || line.operation === operation) &&
      (!status || hasStatus(line, status)) &&
      (!rule || rulesOf(line).includes(rule)) &&
      (!only || (ONLY[only]?.(line) ?? true)) &&
      (found.has(line.number) || words.every((word) => textOf(line).includes(word))),
  );
}

/** A status is matched by itself, by its class ("4xx"), and none by "none". */
function hasStatus(line, status) {
  if (line.status === null) return status === "none";
  return String(line.status) === status || `${String(line.status)[0]}xx` === status;
}

const texts = new WeakMap();

/** What the search looks at: method, path and number, and the values of the events, such as ids. */
function textOf(line) {
  if (!texts.has(line)) {
    const events = line.events.flatMap((event) => Object.values(event).filter((value) => typeof value === "string"));
    texts.set(line, [`#${line.number}`, line.method, line.path, ...events].join(" ").toLowerCase());
  }
  return texts.get(line);
}

/** The values that lines have, in order: {operations, statuses, rules}. */
export function valuesOf(lines) {
  const sorted = (values) => [...new Set(values)].sort();
  return {
    operations: sorted(lines.map((line) => line.operation).filter(Boolean)),
    statuses: sorted(lines.map((line) => (line.status === null ? "none" : String(line.status)))),
    rules: sorted(lines.flatMap(rulesOf)),
  };
}

/** Calls that reached no world: read again at each look at the world. Returns {calls, clear}. */
export function useUnmatched(world) {
  const [calls, setCalls] = useState([]);
  const mark = useRef("");
  useEffect(() => {
    const leaving = new AbortController();
    const look = async () => {
      const { calls: newest, dropped } = await get("/unmatched", { last: 1 }, { signal: leaving.signal });
      const seen = JSON.stringify([newest, dropped]);
      if (seen === mark.current) return;
      const all = newest.length ? (await get("/unmatched", {}, { signal: leaving.signal })).calls : [];
      mark.current = seen;
      setCalls(all.filter((each) => each.world === null).reverse());
    };
    look().catch(() => {}); // the next look tries again
    return () => leaving.abort();
  }, [world.read]);
  const clear = async () => {
    await call("DELETE", "/unmatched");
    setCalls([]);
  };
  return { calls, clear };
}
