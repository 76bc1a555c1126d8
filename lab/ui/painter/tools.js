// The tools: what happens when the pen goes down, moves and goes up at a point of the map, whether
// a mouse, a finger or the keys hold it. In scope: the state of painter.js, declared after this file.

let drag = null;  // what the pen that is down is doing

function put(i) {
  const erase = tool === 'eraser';
  grid.labels[i] = erase ? ground.labels[i] : active;
  grid.instances[i] = erase ? ground.instances[i] : instance;
}

// Before anything is painted: an object gets its number only then, so none is skipped. A key or Python
// may choose another class while the pen is down.
function ready() {
  floating = null;
  if (instance === null) instance = countable(active) ? freeInstance(grid, active) : active;
}

function dab(a, b) {
  ready();
  const dirty = capsule(grid, a, b, radius(), put);
  drag.dirty = around(drag.dirty, dirty);
  render(...dirty);
}

const stroke = {
  down(at) { drag = {last: at, dirty: null}; dab(at, at); describe(tool === 'eraser' ? 'erasing' : undefined); },
  move(at) { dab(drag.last, at); drag.last = at; },
  up() { commit(drag.dirty); },
};

// A shape between two points, shown by its outline until the pen goes up.
const shape = (draw) => ({
  down(at) { drag = {shape: tool, start: at, end: at}; },
  move(at, {square} = {}) { drag.end = square ? squared(drag.start, at) : at; },
  up() {
    const {start, end} = drag;
    ready();
    const dirty = draw(start, end);
    render(...dirty);
    commit(dirty);
  },
});

// The corner with which a shape is as wide as high, or the line level, upright or diagonal.
function squared([ax, ay], [bx, by]) {
  const dx = bx - ax, dy = by - ay, side = Math.max(Math.abs(dx), Math.abs(dy));
  if (tool === 'line' && Math.abs(dx) > 2 * Math.abs(dy)) return [bx, ay];
  if (tool === 'line' && Math.abs(dy) > 2 * Math.abs(dx)) return [ax, by];
  return [ax + Math.sign(dx || 1) * side, ay + Math.sign(dy || 1) * side];
}

// Tools that act at once where they are put down.
const PICKS = ['fill', 'polygon', 'eyedropper', 'select'];
const click = (act) => ({down(at) { drag = {}; act(at); }, move() {}, up() {}});

const select = {
  down(at, {reach = 9} = {}) {
    const handle = handleAt(at, reach);
    if (!handle && !inSelection(at)) pickAt(at);
    drag = {start: at, handle, dirty: null, from: null, same: handle || (inSelection(at) && movable(selected))};
  },
  move(at, {square} = {}) {
    if (!drag.same || selected === null) return;
    const far = Math.max(Math.abs(at[0] - drag.start[0]), Math.abs(at[1] - drag.start[1])) * placement().scale;
    if (!drag.from && far < 4) return;          // a click that trembles moves nothing
    drag.from ??= lift().rect;
    const rect = drag.handle ? scaled(drag.from, drag.handle, at, square)
      : moved(drag.from, Math.round(at[0] - drag.start[0]), Math.round(at[1] - drag.start[1]));
    drag.dirty = around(drag.dirty, float(rect));
  },
  up() {
    if (drag.from) rest(drag.dirty);
    else if (!drag.handle && inSelection(drag.start)) pickAt(drag.start);
  },
};

const TOOLS = {
  brush: stroke,
  eraser: stroke,
  line: shape((a, b) => capsule(grid, a, b, radius(), put)),
  rectangle: shape((a, b) => fillRectangle(grid, a, b, put)),
  ellipse: shape((a, b) => fillEllipse(grid, a, b, put)),
  fill: click(([x, y]) => {
    ready();
    const dirty = flood(grid, Math.floor(x), Math.floor(y), put);
    render(...dirty);
    commit(dirty);
  }),
  polygon: click((at) => {
    const near = corners.length > 2 && Math.hypot(at[0] - corners[0][0], at[1] - corners[0][1]) * placement().scale < 12;
    if (near) { closePolygon(); return; }
    corners.push(at);
    describeCorners();
  }),
  // The class under the pointer; the next stroke is a new object of it.
  eyedropper: click(([x, y]) => {
    const label = grid.labels[Math.floor(y) * grid.width + Math.floor(x)];
    if (classes.some(({id}) => id === label)) { setTool('brush'); setClass(label); }
  }),
  select,
};

function penDown(at, options) { TOOLS[tool].down(at, options); overlay(); }

function penMove(at, options) { if (drag) TOOLS[tool].move(at, options); overlay(); }

function penUp() {
  if (!drag) return;
  TOOLS[tool].up();
  drag = null;
  settleSketch();
  if (byKeys && tool !== 'select' && tool !== 'polygon') describe();
  overlay();
}

// A drag is given up: what it has not finished never was. The corners of a polygon stay.
function drop() {
  if (drag?.dirty) {
    revert(history, grid, drag.dirty);
    render(...drag.dirty);
    floating = outlined = null;
  }
  drag = null;
  settleSketch();
  overlay();
}

// The pen is taken away, and what was begun with it.
function breakOff() {
  corners = [];
  drop();
}

function describeCorners() {
  describe(`corner ${corners.length}; click the first corner or press Enter to close it`);
}

// The steps of an open polygon are its corners: undo takes back the last one.
function takeBackCorner() {
  corners.pop();
  if (corners.length) describeCorners();
  else describe('the polygon is taken back');
  overlay();
}

function closePolygon() {
  if (corners.length < 3) return;
  ready();
  const dirty = fillPolygon(grid, corners, put);
  corners = [];
  render(...dirty);
  commit(dirty);
  describe();
}
