// Where the user is: the chosen world, the page and its filters, all in the fragment of the address.

import { useEffect, useState } from "./html.js";

/** The pages of a world, in the order of their tabs. */
export const PAGES = ["time", "records", "journal", "faults", "rules", "coverage"];

/** Read a fragment: {world, page, rest, query}; world and page are null where it names none. */
export function parse(fragment) {
  const [path, search = ""] = fragment.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").filter(Boolean).map(decoded);
  const query = Object.fromEntries(new URLSearchParams(search));
  if (parts[0] === "worlds" && !DOTS.includes(parts[1])) {
    return { world: parts[1] ?? null, page: parts[1] ? (parts[2] ?? "time") : "worlds", rest: parts.slice(3), query };
  }
  return { world: null, page: parts[0] ?? "worlds", rest: parts.slice(1), query };
}

const DOTS = [".", ".."]; // in a path of the control plane, they would lead elsewhere

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The fragment of a place. */
export function link(world, page, rest = [], query = {}) {
  const parts = world === null ? [page] : ["worlds", world, page];
  const sent = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const search = sent.length ? `?${new URLSearchParams(sent)}` : "";
  return `#/${[...parts, ...rest].map(encodeURIComponent).join("/")}${search}`;
}

/** Go to a fragment; with replace, the place before it is not kept in the history of the tab. */
export function go(fragment, { replace = false } = {}) {
  if (replace) {
    history.replaceState(null, "", fragment);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else location.hash = fragment;
}

/** The current place, and all that follow. */
export function useRoute() {
  const [route, setRoute] = useState(() => parse(location.hash));
  useEffect(() => {
    const follow = () => setRoute(parse(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return route;
}
