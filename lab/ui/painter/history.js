// Undo and redo. A copy of the map as it last was at rest is kept; what a stroke changed is the
// difference to it inside the rectangle the stroke says it touched, and a step remembers only that
// rectangle, before and after, as runs: a stroke costs what it covers, not what the map measures.

function makeHistory(grid, levels) {
  return {undo: [], redo: [], levels, rest: copyGrid(grid)};
}

function copyGrid({width, height, labels, instances}) {
  return {width, height, labels: labels.slice(), instances: instances.slice()};
}

// The part of a grid inside a rectangle, as runs.
function cut(grid, [x0, y0, x1, y1]) {
  const side = x1 - x0, labels = new Uint8Array(side * (y1 - y0)), instances = new Uint16Array(labels.length);
  for (let y = y0, at = 0; y < y1; y++, at += side) {
    const row = y * grid.width;
    labels.set(grid.labels.subarray(row + x0, row + x1), at);
    instances.set(grid.instances.subarray(row + x0, row + x1), at);
  }
  return {width: grid.width, height: grid.height, rect: [x0, y0, x1, y1], labels: toRuns(labels), instances: toRuns(instances)};
}

// Puts a part back; the grid has the part's size.
function paste(grid, {rect: [x0, y0, x1, y1], labels, instances}) {
  const side = x1 - x0, pixels = side * (y1 - y0);
  const parts = [[grid.labels, new Uint8Array(pixels), labels], [grid.instances, new Uint16Array(pixels), instances]];
  for (const [ids, part, runs] of parts) {
    fromRuns(runs, part);
    for (let y = y0, at = 0; y < y1; y++, at += side) ids.set(part.subarray(at, at + side), y * grid.width + x0);
  }
}

// The smallest rectangle inside `rect` that holds every difference of two grids; null: none.
function changed(a, b, rect) {
  let [x0, y0, x1, y1] = [rect[2], -1, rect[0], 0];
  for (let y = rect[1]; y < rect[3]; y++) {
    for (let x = rect[0], i = y * a.width + rect[0]; x < rect[2]; x++, i++) {
      if (a.labels[i] === b.labels[i] && a.instances[i] === b.instances[i]) continue;
      if (x < x0) x0 = x;
      if (x >= x1) x1 = x + 1;
      if (y0 < 0) y0 = y;
      y1 = y + 1;
    }
  }
  return y0 < 0 ? null : [x0, y0, x1, y1];
}

const wholeOf = ({width, height}) => [0, 0, width, height];

// Makes a step of what changed since the last one; `presets`: the layout's number before and after.
// Returns whether anything had changed.
function record(history, grid, rect, presets) {
  const {rest} = history, resized = rest.width !== grid.width || rest.height !== grid.height;
  const inside = resized ? null : changed(rest, grid, rect);
  if (!resized && !inside && presets[0] === presets[1]) return false;
  const step = resized
    ? {before: cut(rest, wholeOf(rest)), after: cut(grid, wholeOf(grid)), presets}
    : {before: cut(rest, inside ?? [0, 0, 1, 1]), after: cut(grid, inside ?? [0, 0, 1, 1]), presets};
  history.undo.push(step);
  if (history.undo.length > history.levels) history.undo.shift();
  history.redo.length = 0;
  settle(history, grid, step.after);
  return true;
}

// The copy at rest follows the grid inside a part.
function settle(history, grid, part) {
  if (history.rest.width !== grid.width || history.rest.height !== grid.height) history.rest = copyGrid(grid);
  else paste(history.rest, part);
}

// Takes a rectangle back to how it was at rest: a stroke that is broken off.
function revert(history, grid, rect) {
  paste(grid, cut(history.rest, rect));
}

// The part to put back for one undo or redo and the preset it belongs to; null where there is none.
function stepBack(history, forward) {
  const [from, to] = forward ? [history.redo, history.undo] : [history.undo, history.redo];
  const step = from.pop();
  if (!step) return null;
  to.push(step);
  return {part: forward ? step.after : step.before, preset: step.presets[forward ? 1 : 0]};
}
