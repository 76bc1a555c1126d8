// Objects that are there: selected, moved, resized, copied, deleted, brought forward, renamed.
// While one object is moved, the map without it is kept, so what it passes over is not lost before
// it comes to rest and something else is done.

let floating = null;  // {piece, bare, rect}: the object, the map without it, where it is now

function labelOf(id) {
  return grid.labels[grid.instances.indexOf(id)];
}

// Objects of countable classes can be moved; in a domain without any, as of faces, all can.
function movable(id) {
  const label = labelOf(id);
  return classes.some((each) => each.id === label && each.countable) || !classes.some((each) => each.countable);
}

function choose(id, point) {
  selected = id;
  outlined = null;
  if (id === null) { showSelection(); describe('nothing selected'); trigger('unpick'); return; }
  active = grid.labels[point[1] * grid.width + point[0]];
  instance = id;
  checkLegend(active);
  describe(movable(id) ? `${titleOf(active, id)} selected` : `${titleOf(active, id)} selected; it has no separate objects to move`);
  showSelection();
  announce(point);
}

// The object at a pixel is announced, for its looks.
function announce(point) {
  props.value = {...value(), point};
  trigger('pick');
}

function pickAt([x, y]) {
  const point = [Math.floor(x), Math.floor(y)], i = point[1] * grid.width + point[0];
  if (!classes.some(({id}) => id === grid.labels[i])) return;
  if (grid.instances[i] !== floating?.piece.id) floating = null;
  choose(grid.instances[i], point);
}

// Which handle of the selection is at a point: an entry of HANDLES, or null.
function handleAt([x, y], reach) {
  if (selected === null || !outlined || !movable(selected)) return null;
  const [x0, y0, x1, y1] = outlined.rect, {scale} = placement();
  const near = (fx, fy) => Math.max(Math.abs(x - x0 - fx * (x1 - x0)), Math.abs(y - y0 - fy * (y1 - y0))) <= reach / scale;
  return HANDLES.find(([fx, fy]) => near(fx, fy)) ?? null;
}

const inSelection = ([x, y]) => selected !== null && grid.instances[Math.floor(y) * grid.width + Math.floor(x)] === selected;

function lift() {
  if (floating?.piece.id === selected) return floating;
  const piece = pieceOf(grid, selected), bare = copyGrid(grid);
  closeHole(bare, piece, ground, (label) => !countable(label));
  floating = {piece, bare, rect: piece.rect};
  return floating;
}

// The floating object in another rectangle. Returns what changed of the map.
function float(rect) {
  const before = floating.rect;
  restore(before);
  const now = imprint(grid, floating.piece, rect);
  floating.rect = rect;
  outlined = null;
  const dirty = around(clipped(before), now);
  render(...dirty);
  overlay();
  return dirty;
}

function clipped([x0, y0, x1, y1]) {
  const inside = (v, size) => Math.min(size, Math.max(0, v));
  return [inside(x0, grid.width), inside(y0, grid.height), inside(x1, grid.width), inside(y1, grid.height)];
}

// The map without the object, inside a rectangle.
function restore(rect) {
  const [x0, y0, x1, y1] = clipped(rect), {bare} = floating;
  for (let y = y0; y < y1; y++) {
    const from = y * grid.width + x0, to = y * grid.width + x1;
    grid.labels.set(bare.labels.subarray(from, to), from);
    grid.instances.set(bare.instances.subarray(from, to), from);
  }
}

// A rectangle moved by whole pixels; its middle stays on the map, so nothing is lost outside.
function moved([x0, y0, x1, y1], dx, dy) {
  const keep = (a, b, d, size) => Math.min(size - 1, Math.max(1, Math.round((a + b) / 2 + d))) - Math.round((a + b) / 2);
  const [mx, my] = [keep(x0, x1, dx, grid.width), keep(y0, y1, dy, grid.height)];
  return [x0 + mx, y0 + my, x1 + mx, y1 + my];
}

function scaled([x0, y0, x1, y1], [fx, fy], [x, y], square) {
  const rect = [x0, y0, x1, y1], least = 2;
  if (fx === 0) rect[0] = Math.min(Math.round(x), x1 - least);
  if (fx === 1) rect[2] = Math.max(Math.round(x), x0 + least);
  if (fy === 0) rect[1] = Math.min(Math.round(y), y1 - least);
  if (fy === 1) rect[3] = Math.max(Math.round(y), y0 + least);
  if (square && fx !== .5 && fy !== .5) {        // with Shift the object keeps its shape
    const height = Math.max(least, Math.round((rect[2] - rect[0]) * (y1 - y0) / (x1 - x0)));
    if (fy === 0) rect[1] = y1 - height; else rect[3] = y0 + height;
  }
  return rect;
}

// A floating object comes to rest; it floats on until something else is done.
function rest(dirty) {
  const {piece, bare, rect} = floating;
  commit(dirty);
  if (selected === piece.id) floating = {piece, bare, rect};
}

function nudge(dx, dy) {
  if (!movable(selected)) { describe(`${nameOf(labelOf(selected))} has no separate objects to move`); return; }
  lift();
  rest(float(moved(floating.rect, dx, dy)));
}

function duplicate() {
  const label = labelOf(selected);
  if (!countable(label)) { describe(`all ${nameOf(label)} is one object, so a copy would not be another`); return; }
  const piece = pieceOf(grid, selected), id = freeInstance(grid, label);
  const step = Math.max(4, Math.round((piece.rect[2] - piece.rect[0]) / 3));
  const right = piece.rect[2] + step <= grid.width ? step : -step;
  const dirty = imprint(grid, piece, moved(piece.rect, right, 0), {id, label});
  render(...dirty);
  selected = instance = id;
  commit(dirty);
  describe(`${titleOf(label, id)} is a copy`);
}

function remove() {
  const piece = pieceOf(grid, selected), name = titleOf(labelOf(selected), selected);
  closeHole(grid, piece, ground, (label) => !countable(label));
  render(...piece.rect);
  instance = null;
  commit(piece.rect);
  describe(`${name} deleted`);
}

function forward() {
  const piece = pieceOf(grid, selected), label = labelOf(selected), name = titleOf(label, selected);
  if (!closeGaps(grid, piece, label)) { describe(`nothing cuts into ${name}`); return; }
  render(...piece.rect);
  commit(piece.rect);
  describe(`${name} is in front`);
}

function relabel(label) {
  if (selected === null || label === labelOf(selected)) return;
  const piece = pieceOf(grid, selected), id = countable(label) ? freeInstance(grid, label) : label;
  const dirty = imprint(grid, piece, piece.rect, {id, label});
  render(...dirty);
  selected = instance = id;
  active = label;
  checkLegend(label);
  commit(dirty);
  describe(`it is ${titleOf(label, id)} now`);
  const at = grid.instances.indexOf(id);
  announce([at % grid.width, Math.floor(at / grid.width)]);   // other looks than those of its class before
}

const ON_OBJECT = {duplicate, remove, forward};

// While a stroke or the object itself is on its way, that comes to its end first.
function onObject(name) {
  penUp();
  if (selected === null || !grid.instances.includes(selected)) { describe('select an object first'); return; }
  if (!movable(selected)) { describe(`${nameOf(labelOf(selected))} has no separate objects`); return; }
  ON_OBJECT[name]();
}
