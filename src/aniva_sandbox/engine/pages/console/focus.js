// Where the focus goes when the element that has it is removed: else the keyboard would begin again at the top.

const PARTS = "section, dialog, main";

/**
 * Watch the elements in `root`: when one that has the focus is removed, the heading of the nearest part of the page
 * around it gets the focus.
 */
export function keepFocus(root) {
  let last = null; // what has the focus, and the parts around it, innermost first
  document.addEventListener("focusin", ({ target }) => (last = { element: target, parts: partsAround(target) }));
  document.addEventListener("focusout", ({ target }) =>
    setTimeout(() => {
      const isLeft = target.isConnected && document.activeElement !== target; // by the user; a removed one is not left
      if (isLeft && last?.element === target) last = null;
    }),
  );
  const watcher = new MutationObserver(() => {
    if (last === null || last.element.isConnected || document.activeElement !== document.body) return;
    const part = last.parts.find((each) => each.isConnected) ?? root.querySelector("main");
    last = null;
    if (part) focusHeading(part);
  });
  watcher.observe(root, { childList: true, subtree: true });
}

/** Give the focus to the heading of a part of the page, or to the part. */
function focusHeading(part) {
  const place = part.querySelector("h1, h2, h3") ?? part;
  if (place.tabIndex < 0) place.tabIndex = -1; // else it cannot be focused
  place.focus({ preventScroll: true });
}

function partsAround(element) {
  const parts = [];
  for (let part = element.closest(PARTS); part; part = part.parentElement.closest(PARTS)) parts.push(part);
  return parts;
}
