// The one place that joins the vendored library: templates, hooks and rendering.

import htm from "./htm.mjs";
import { h } from "./preact.mjs";

export { Fragment, createContext, render } from "./preact.mjs";
export { useContext, useEffect, useId, useMemo, useRef, useState } from "./hooks.mjs";

/** A template of elements. What is inserted into it is text, never markup. */
export const html = htm.bind(h);
