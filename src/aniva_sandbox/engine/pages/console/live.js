// What changes while the page is looked at: asked for once a second at most, and never in a hidden tab.

import { get, worldPath } from "./control.js";
import { useEffect, useRef, useState } from "./html.js";

const PERIOD = 1000;

/**
 * Follow a world: {world, version, error}. `version` is a new number whenever something in the world may look different.
 */
export function useWorld(name) {
  const [state, setState] = useState({ world: null, version: 0, error: null });
  const again = useRef(() => {});
  useEffect(() => {
    let timer = null;
    let over = false;
    let mark = null;
    let version = 0;
    const look = async () => {
      clearTimeout(timer);
      if (over || document.hidden) return;
      try {
        let world = await get(worldPath(name));
        if (isDue(world)) {
          await get(worldPath(name, "/clock")); // lets it happen
          world = await get(worldPath(name));
        }
        const seen = JSON.stringify([world.recorded, world.changed, world.happened, world.clock.mode]);
        if (seen !== mark) version += 1;
        mark = seen;
        if (!over) setState({ world: { ...world, read: performance.now() }, version, error: null });
      } catch (error) {
        mark = null;
        if (!over) setState((before) => ({ world: error.status ? null : before.world, version, error }));
      }
      clearTimeout(timer); // another look may have begun meanwhile
      if (!over) timer = setTimeout(look, PERIOD);
    };
    again.current = look;
    setState({ world: null, version: 0, error: null });
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [name]);
  return { ...state, refresh: () => again.current() };
}

/** Whether an event has become due that no request has made happen yet. */
function isDue(world) {
  return world.due !== null && new Date(world.due) <= new Date(world.clock.now);
}

/** The time of a world, which runs on between two looks if its clock runs. Refreshes once a second where it runs. */
export function useNow(world) {
  const [, tick] = useState(0);
  const runs = world?.clock.mode === "real";
  useEffect(() => {
    if (!runs) return undefined;
    const timer = setInterval(() => document.hidden || tick((count) => count + 1), PERIOD);
    return () => clearInterval(timer);
  }, [runs]);
  if (!world) return null;
  const passed = runs ? performance.now() - world.read : 0;
  return new Date(Date.parse(world.clock.now) + passed);
}

/**
 * What a function resolves to: {data, error, reload}. It is called again when one of the dependencies changes; until it
 * has resolved, the data before it stay, so that nothing flickers. Keep the function's own inputs in `of`: data of
 * other inputs are dropped at once. A new `version` waits for the call that is under way: where changes come faster than
 * responses, there are data nevertheless.
 */
export function useData(load, of, version = 0) {
  const [state, setState] = useState({ data: null, error: null, of: null });
  const [turn, setTurn] = useState(0);
  const key = JSON.stringify(of);
  const loading = useRef(null);
  useEffect(() => {
    const leaving = new AbortController();
    loading.current = { signal: leaving.signal, load, busy: false, wanted: false };
    return () => leaving.abort();
  }, [key]);
  useEffect(() => {
    const at = loading.current;
    Object.assign(at, { load, wanted: true });
    const settle = (change) => at.signal.aborted || setState((before) => ({ data: before.of === key ? before.data : null, of: key, ...change }));
    const run = async () => {
      at.busy = true;
      while (at.wanted && !at.signal.aborted) {
        at.wanted = false;
        try {
          const data = await at.load({ signal: at.signal });
          settle({ data, error: null });
        } catch (error) {
          settle({ error });
        }
      }
      at.busy = false;
    };
    if (!at.busy) run();
  }, [key, version, turn]);
  const isCurrent = state.of === key;
  return {
    data: isCurrent ? state.data : null,
    error: isCurrent ? state.error : null,
    reload: () => setTurn((count) => count + 1),
  };
}
