// Mouse, pen, fingers and keys. One finger draws, two zoom and move the map; everything a pointer
// can do, a cursor moved by the arrow keys can do as well.

const fingers = new Map();  // touches that are down: pointer id -> [x, y]
let pinch = null, pan = null, space = null, byKeys = false;
let tap = null;             // {tool, at} of a finger whose tool waits: it may be the first of two
let holder = null;          // the pointer that holds the pen: no other one moves it or lifts it

function position(event) {
  const box = map.getBoundingClientRect();
  const inside = (v, size) => Math.min(size - 1e-3, Math.max(0, v * size));
  return [inside((event.clientX - box.left) / box.width, grid.width), inside((event.clientY - box.top) / box.height, grid.height)];
}

function spread() {
  const [a, b] = [...fingers.values()];
  return {middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], distance: Math.hypot(a[0] - b[0], a[1] - b[1]) || 1};
}

// The finger that waited was alone: its tool acts, unless another one was chosen meanwhile.
function land(finger, at) {
  if (finger?.tool === tool) penDown(at, {reach: 20});
}

map.addEventListener('pointerdown', (event) => {
  try { map.setPointerCapture(event.pointerId); } catch { /* a synthetic pointer has nothing to capture */ }
  if (event.pointerType === 'touch') {
    if (drag && holder !== null && !fingers.has(holder)) return;   // the hand that holds the pen
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (fingers.size === 2) { drop(); holder = null; pinch = spread(); }
    if (fingers.size > 1) return;
  }
  if (event.button === 1 || (space && event.button === 0)) {
    event.preventDefault();
    pan = [event.clientX, event.clientY];
    if (space) space.used = true;
    return;
  }
  if (event.button || drag || tap) return;
  map.focus({preventScroll: true});
  byKeys = false;
  holder = event.pointerId;
  hover = position(event);
  // What acts at once cannot be taken back when a second finger lands, so it waits for the first to
  // be lifted, Select for it to move.
  if (event.pointerType !== 'touch') penDown(hover);
  else if (PICKS.includes(tool)) { tap = {tool, at: hover}; overlay(); }
  else penDown(hover, {reach: 20});
});

map.addEventListener('pointermove', (event) => {
  if (fingers.has(event.pointerId)) fingers.set(event.pointerId, [event.clientX, event.clientY]);
  if (pinch) {
    if (fingers.size < 2) return;
    const now = spread();
    panBy(now.middle[0] - pinch.middle[0], now.middle[1] - pinch.middle[1]);
    zoomBy(now.distance / pinch.distance, now.middle);
    pinch = now;
    return;
  }
  if (pan) {
    panBy(event.clientX - pan[0], event.clientY - pan[1]);
    pan = [event.clientX, event.clientY];
    return;
  }
  byKeys = byKeys && Boolean(drag);
  if (byKeys || (holder !== null && event.pointerId !== holder)) return;
  hover = position(event);
  if (tap?.tool === 'select') { land(tap, tap.at); tap = null; }
  const events = event.getCoalescedEvents?.() ?? [];
  for (const each of events.length ? events : [event]) penMove(position(each), {square: event.shiftKey});
  if (tool === 'select') map.style.cursor = handleAt(hover, 9) ? 'nwse-resize' : inSelection(hover) ? 'move' : 'default';
});

function pointerUp(event) {
  fingers.delete(event.pointerId);
  if (pinch) {
    tap = null;
    if (!fingers.size) pinch = null;
    return;
  }
  if (pan) { pan = null; return; }
  if (event.pointerId !== holder) return;
  const finger = tap;
  tap = holder = null;
  if (event.type === 'pointercancel') { drop(); return; }
  land(finger, position(event));
  penUp();
}
map.addEventListener('pointerup', pointerUp);
map.addEventListener('pointercancel', pointerUp);
map.addEventListener('pointerleave', () => { if (!byKeys) hover = null; overlay(); });
map.addEventListener('dblclick', () => {
  if (tool !== 'polygon') return;
  closePolygon();
  breakOff();                // what has no area: the click before may have closed the polygon itself
});
map.addEventListener('wheel', (event) => {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  zoomBy(Math.exp(-event.deltaY / 300), [event.clientX, event.clientY]);
}, {passive: false});

// ---- keys -------------------------------------------------------------------------------------

// Puts the pen down or takes it up at the cursor; tools that act at once do both.
function press() {
  hover ??= [grid.width / 2, grid.height / 2];
  byKeys = true;
  if (drag) { penUp(); return; }
  const held = tool;         // the eyedropper lays itself down for the brush
  penDown(hover, {reach: 0});
  if (PICKS.includes(held)) penUp();
  else describe(`${held} down; arrows draw, Space ends`);
}

function arrow(dx, dy, event) {
  const step = event.shiftKey ? 1 : Math.max(1, Math.round(grid.width / 64));
  if (tool === 'select' && selected !== null) {
    if (event.altKey) stretch(dx * step, dy * step);
    else nudge(dx * step, dy * step);
    return;
  }
  byKeys = true;
  const [x, y] = hover ?? [grid.width / 2, grid.height / 2];
  const inside = (v, size) => Math.min(size - .5, Math.max(.5, v));
  hover = [inside(x + dx * step, grid.width), inside(y + dy * step, grid.height)];
  penMove(hover);
  follow();
  const i = Math.floor(hover[1]) * grid.width + Math.floor(hover[0]);
  if (!drag) describe(`${Math.floor(hover[0])}, ${Math.floor(hover[1])}: ${titleOf(grid.labels[i], grid.instances[i])}`);
}

// The map moves where the cursor of the keys would leave what is seen of it.
function follow() {
  const {left, top, scale} = placement(), margin = 24, x = left + hover[0] * scale, y = top + hover[1] * scale;
  const off = (at, side) => Math.max(0, margin - at) - Math.max(0, at - side + margin);
  if (zoom.scale > 1) panBy(off(x, over.clientWidth), off(y, over.clientHeight));
}

// The selection wider or higher by whole pixels.
function stretch(dx, dy) {
  if (!movable(selected)) return;
  const [x0, y0, x1, y1] = lift().rect;
  rest(float([x0, y0, Math.max(x0 + 2, x1 + dx), Math.max(y0 + 2, y1 + dy)]));
}

function escape() {
  if (PANELS.some(([, panel]) => !panel.hidden)) return;   // it is what Esc closes
  if (drag || corners.length) breakOff();
  else if (selected !== null) choose(null);
}

const setSizeBy = (step) => setSize(+$('.size input').value + step);
const KEYS = {
  v: () => CONFIG.things && setTool('select'), b: () => setTool('brush'), f: () => setTool('fill'), l: () => setTool('line'),
  r: () => setTool('rectangle'), o: () => setTool('ellipse'), p: () => setTool('polygon'), e: () => setTool('eraser'),
  i: () => setTool('eyedropper'), n: () => act('object'), d: () => onObject('duplicate'), u: () => onObject('forward'),
  Delete: () => onObject('remove'), Backspace: () => onObject('remove'), c: () => drag || $('.relabel select').focus(),
  '[': () => setSizeBy(-4), ']': () => setSizeBy(4), '+': () => zoomBy(1.5), '=': () => zoomBy(1.5), '-': () => zoomBy(1 / 1.5),
  Home: () => act('fit'), Escape: escape,
  Enter: () => { if (tool === 'polygon' && corners.length > 2) closePolygon(); else press(); },
};
const ONLY_THINGS = ['v', 'n', 'd', 'u', 'c', 'Delete', 'Backspace'];
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

// Which digit's key it is, if any, whatever it prints: on some keyboards digits need Shift. A bracket is
// one everywhere, though, and the numpad may have arrows instead of digits.
function digitOf({code, key}) {
  if (key === '[' || key === ']') return null;
  const [, pad, digit] = /^(Digit|Numpad)([0-9])$/.exec(code) ?? [];
  return pad === 'Numpad' && key !== digit ? null : digit;
}

// Heard on all of the painter, for the focus is on a button once one was clicked. What the focused
// control needs for itself stays with it.
root.addEventListener('keydown', (event) => {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, onMap = event.target === map;
  if (event.target.closest('input, select, textarea')) return;
  if (!onMap && (ARROWS[key] || key === ' ' || key === 'Enter')) return;
  const graph = event.getModifierState('AltGraph');       // Windows sends it as Ctrl and Alt
  if ((event.ctrlKey || event.metaKey) && !graph) {
    if (key !== 'z' && key !== 'y') return;
    event.preventDefault();
    act(key === 'y' || event.shiftKey ? 'redo' : 'undo');
    return;
  }
  const typed = key === '[' || key === ']' || !(event.altKey || graph);   // brackets may need Alt or AltGr
  const digit = digitOf(event), order = digit && classes[(+digit + 9) % 10 + (event.shiftKey ? 10 : 0)];
  if (order && typed) { event.preventDefault(); setClass(order.id); }
  else if (ARROWS[key]) { event.preventDefault(); arrow(...ARROWS[key], event); }
  else if (key === ' ') { event.preventDefault(); space ??= {used: false}; }
  else if (KEYS[key] && typed && (CONFIG.things || !ONLY_THINGS.includes(key))) { event.preventDefault(); KEYS[key](); }
});

// Space held while the mouse drags moves the map; pressed alone it is the pen.
map.addEventListener('keyup', (event) => {
  if (event.key !== ' ' || !space) return;
  if (!space.used) press();
  space = null;
});
map.addEventListener('blur', () => { space = null; if (byKeys) { penUp(); hover = null; byKeys = false; } overlay(); });
