// The layout of the picture of a small state machine: rows of states from top to bottom, with rows for the labels of
// moves between them, so that no two texts overlap.

const STATE_HEIGHT = 40;
const LINE = 17; // height of a line of a label
const ROW_GAP = 20;
const GAP = 18; // between two things in a row
const PORT_GAP = 16;
const LOOP = 30; // how far a loop reaches out of its state

/**
 * Lay out states (names) and moves ({move, from, to, by}): {width, height, states, arrows}. States have {name, x, y,
 * width, height} with their middle at x, y. Arrows have {from, to, by, moves, path, head, label}: moves that lead from
 * one state to the same other one, by the same side, are one arrow with several lines. `widthOf` measures a text.
 */
export function layOut(states, moves, widthOf) {
  const arrows = merged(states, moves);
  const ranks = ranksOf(states, arrows);
  const rows = rowsOf(states, arrows, ranks, widthOf);
  untangle(rows);
  const { width, height } = place(rows);
  const nodes = rows.flat().filter((node) => node.state !== undefined);
  const byName = new Map(nodes.map((node) => [node.state, node]));
  connect(arrows, byName);
  const shown = nodes.map(({ state, x, y, width }) => ({ name: state, x, y, width, height: STATE_HEIGHT }));
  return { width, height, states: shown, arrows };
}

/** One arrow for moves that look the same, without moves of states that are not drawn. */
function merged(states, moves) {
  const arrows = new Map();
  for (const { move, from, to, by } of moves) {
    if (!states.includes(from) || !states.includes(to)) continue;
    const key = JSON.stringify([from, to, by]);
    if (!arrows.has(key)) arrows.set(key, { from, to, by, moves: [] });
    arrows.get(key).moves.push(move);
  }
  return [...arrows.values()];
}

/** The rank of each state: below all states that lead to it. Arrows that lead back get `back`, and do not count. */
function ranksOf(states, arrows) {
  const open = new Map();
  const visit = (state) => {
    open.set(state, true);
    for (const arrow of arrows.filter((each) => each.from === state && each.to !== state)) {
      if (!open.has(arrow.to)) visit(arrow.to);
      else if (open.get(arrow.to)) arrow.back = true;
    }
    open.set(state, false);
  };
  for (const state of states) if (!open.has(state)) visit(state);
  const ranks = new Map(states.map((state) => [state, 0]));
  const lower = ({ from, to }) => ranks.set(to, Math.max(ranks.get(to), ranks.get(from) + 1));
  const down = arrows.filter(({ from, to, back }) => from !== to && !back);
  for (let turn = 0; turn < states.length; turn += 1) down.forEach(lower); // a path has no more states than there are
  const apart = states.filter((state) => !arrows.some(({ from, to }) => from === state || to === state));
  const last = Math.max(...ranks.values());
  for (const state of apart) ranks.set(state, last);
  return ranks;
}

/**
 * Rows of nodes: states in the even ones, labels between them, and a bend wherever an arrow passes. A node has the
 * nodes above and below that it is joined with, and how far it reaches to its left and right.
 */
function rowsOf(states, arrows, ranks, widthOf) {
  const rows = Array.from({ length: 2 * Math.max(...ranks.values()) + 1 }, () => []);
  const add = (row, node) => {
    rows[row].push(Object.assign(node, { above: [], below: [] }));
    return node;
  };
  const widest = (texts) => Math.max(...texts.map(widthOf));
  const nodes = new Map();
  for (const state of states) {
    const width = Math.max(widthOf(state) + 28, 72);
    nodes.set(state, add(2 * ranks.get(state), { state, width, left: width / 2, right: width / 2, height: STATE_HEIGHT }));
  }
  for (const arrow of arrows.filter(({ from, to }) => from === to)) {
    const node = nodes.get(arrow.from);
    arrow.side = node.right > node.width / 2 ? -1 : 1;
    node[arrow.side > 0 ? "right" : "left"] += LOOP + widest(arrow.moves);
    node.height = Math.max(node.height, LINE * arrow.moves.length);
  }
  for (const arrow of arrows.filter(({ from, to }) => from !== to)) {
    const [first, last] = arrow.back ? [arrow.to, arrow.from] : [arrow.from, arrow.to];
    const begin = 2 * ranks.get(first) + 1;
    const end = 2 * ranks.get(last) - 1;
    arrow.through = [];
    let above = nodes.get(first);
    for (let row = begin; row <= end; row += 1) {
      const width = row === (arrow.back ? end : begin) ? widest(arrow.moves) + 8 : 4; // the label is near where it begins
      const isLabel = width > 4;
      const node = add(row, { arrow, key: `${arrows.indexOf(arrow)} ${row}`, isLabel, left: width / 2, right: width / 2, height: isLabel ? LINE * arrow.moves.length : 0 });
      join(above, node);
      arrow.through.push(node);
      above = node;
    }
    join(above, nodes.get(last));
  }
  return rows;
}

function join(above, below) {
  above.below.push(below);
  below.above.push(above);
}

/** Order the nodes of each row so that few arrows cross. */
function untangle(rows) {
  const number = () => rows.forEach((row) => row.forEach((node, index) => (node.order = index)));
  number();
  let best = rows.map((row) => [...row]);
  let fewest = crossings(rows);
  for (let turn = 0; turn < 12 && fewest > 0; turn += 1) {
    const side = turn % 2 ? "below" : "above";
    for (const row of turn % 2 ? [...rows].reverse() : rows) {
      const wanted = new Map(row.map((node) => [node, node[side].length ? mean(node[side].map((each) => each.order)) : node.order]));
      row.sort((a, b) => wanted.get(a) - wanted.get(b));
      row.forEach((node, index) => (node.order = index));
    }
    const count = crossings(rows);
    if (count < fewest) [fewest, best] = [count, rows.map((row) => [...row])];
  }
  rows.forEach((row, index) => row.splice(0, row.length, ...best[index]));
  number();
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function crossings(rows) {
  let count = 0;
  for (const row of rows) {
    const lines = row.flatMap((node) => node.below.map((other) => [node.order, other.order]));
    lines.forEach(([a, b], index) => {
      for (const [c, d] of lines.slice(index + 1)) if ((a - c) * (b - d) < 0) count += 1;
    });
  }
  return count;
}

/** Give each node its x and y. */
function place(rows) {
  if (!settle(rows, true)) settle(rows, false); // arrows that cross cannot all be straight
  const nodes = rows.flat();
  const least = Math.min(...nodes.map((node) => node.x - node.left));
  const most = Math.max(...nodes.map((node) => node.x + node.right));
  let y = 0;
  for (const row of rows) {
    const height = Math.max(...row.map((node) => node.height));
    for (const node of row) Object.assign(node, { x: node.x - least, y: y + height / 2, row: height });
    y += height + ROW_GAP;
  }
  return { width: most - least, height: y - ROW_GAP };
}

/**
 * Find an x for each node near the middle of its neighbours, without overlap in its row. What an arrow passes through
 * has one x, if the arrows are to be straight. Returns whether everything has found its room.
 */
function settle(rows, straight) {
  const units = new Map(); // nodes with one x
  const unitOf = (node) => units.get(straight && node.arrow ? node.arrow : node);
  for (const node of rows.flat()) {
    if (!unitOf(node)) units.set(straight && node.arrow ? node.arrow : node, { x: 0, nodes: [] });
    unitOf(node).nodes.push(node);
  }
  const near = new Map([...units.values()].map((unit) => [unit, neighbours(unit).map(unitOf)]));
  const gaps = rows.flatMap((row) => row.slice(1).map((node, index) => ({ left: unitOf(row[index]), right: unitOf(node), least: row[index].right + GAP + node.left })));
  for (let turn = 0; turn < 300; turn += 1) {
    for (const [unit, others] of near) {
      if (others.length) unit.x = (unit.x + mean(others.map((other) => other.x))) / 2;
    }
    for (let again = 0; again < 10 && push(gaps) > 0; again += 1);
  }
  let missing = Infinity;
  for (let turn = 0; turn < 500 && missing > 0.1; turn += 1) missing = push(gaps);
  for (const node of rows.flat()) node.x = unitOf(node).x;
  return missing < 1;
}

/** The nodes that those of a unit are joined with, without its own. */
function neighbours({ nodes }) {
  return nodes.flatMap((node) => [...node.above, ...node.below]).filter((other) => !nodes.includes(other));
}

/** Push neighbours in a row apart; returns how much room was missing. */
function push(gaps) {
  let most = 0;
  for (const { left, right, least } of gaps) {
    const missing = least - (right.x - left.x);
    if (missing <= 0) continue;
    left.x -= missing / 2;
    right.x += missing / 2;
    most = Math.max(most, missing);
  }
  return most;
}

/** Give each arrow its path, its head and the place of its label. */
function connect(arrows, nodes) {
  const ports = new Map([...nodes.values()].flatMap((node) => [...portsOf(node, "above"), ...portsOf(node, "below")]));
  for (const arrow of arrows) {
    if (arrow.from === arrow.to) loop(arrow, nodes.get(arrow.from));
    else curve(arrow, nodes, ports);
  }
}

/** Where arrows meet a state: the first or last node that each goes through, with its x. */
function portsOf(node, side) {
  const others = [...node[side]].sort((a, b) => a.x - b.x);
  const gap = Math.min(PORT_GAP, (node.width - 20) / Math.max(others.length - 1, 1));
  return others.map((other, index) => [`${side} ${other.key}`, node.x + (index - (others.length - 1) / 2) * gap]);
}

function curve(arrow, nodes, ports) {
  const [first, last] = arrow.back ? [arrow.to, arrow.from] : [arrow.from, arrow.to];
  const [begin, end] = [arrow.through[0], arrow.through.at(-1)];
  const points = [[ports.get(`below ${begin.key}`), nodes.get(first).y + STATE_HEIGHT / 2]];
  for (const { x, y, row } of arrow.through) points.push([x, y - row / 2], [x, y + row / 2]);
  points.push([ports.get(`above ${end.key}`), nodes.get(last).y - STATE_HEIGHT / 2]);
  if (arrow.back) points.reverse();
  const [x, y] = points.at(-1);
  arrow.path = smooth(points);
  arrow.head = { x, y, turn: arrow.back ? -90 : 90 };
  const label = arrow.through.find((node) => node.isLabel);
  arrow.label = { x: label.x, y: label.y, width: label.left + label.right, anchor: "middle" };
}

/** A path that is vertical at each of its points. */
function smooth([first, ...others]) {
  let path = `M${at(first)}`;
  let [x, y] = first;
  for (const point of others) {
    const middle = (y + point[1]) / 2;
    path += point[0] === x ? `L${at(point)}` : `C${at([x, middle])} ${at([point[0], middle])} ${at(point)}`;
    [x, y] = point;
  }
  return path;
}

const at = (point) => point.map((value) => Math.round(value * 10) / 10).join(",");

function loop(arrow, node) {
  const { side } = arrow;
  const edge = node.x + side * (node.width / 2);
  const far = edge + side * (LOOP - 2);
  arrow.path = `M${at([edge, node.y - 9])}C${at([far, node.y - 16])} ${at([far, node.y + 16])} ${at([edge, node.y + 9])}`;
  arrow.head = { x: edge, y: node.y + 9, turn: side > 0 ? 180 : 0 };
  arrow.label = { x: edge + side * LOOP, y: node.y, width: 0, anchor: side > 0 ? "start" : "end" };
}
