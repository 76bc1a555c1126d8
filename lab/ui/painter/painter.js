// The painter: ids live in a grid (grid.js), the canvas is only a view of them (view.js), so no pixel
// can be between two classes whatever the zoom. Sent to Python: {w, h, labels, instances, preset, stamp}.
// In scope: element, props, trigger, watch (Gradio) and CONFIG (classes, blank), baked in below
// because a remounted gr.HTML loses its props.

const UNDO_LEVELS = 60;
const $ = (selector) => element.querySelector(selector);
const root = $('.painter'), map = $('.map'), over = $('.over');
const view = map.getContext('2d'), marks = over.getContext('2d');

let classes = CONFIG.classes, blank = CONFIG.blank;
let grid, ground, image, palette;
let tool = 'brush', active = CONFIG.active, instance = null, preset = null, stamp = 0;
let undo = [], redo = [], loaded = false, corners = [], selected = null, hover = null, last = null;

// ---- ids --------------------------------------------------------------------------------------

const radius = () => +$('.size input').value / 2;
const countable = (label) => classes.find(({id}) => id === label)?.countable;

function put(i) {
  const erase = tool === 'eraser';
  grid.labels[i] = erase ? ground.labels[i] : active;
  grid.instances[i] = erase ? ground.instances[i] : instance;
}

// Before a stroke: an object gets its number only when it is painted, so none is skipped.
function ready() {
  if (instance === null) instance = countable(active) ? freeInstance(grid, active) : active;
}

const saved = () => [toRuns(grid.labels), toRuns(grid.instances), preset, grid.width, grid.height];

function remember() {
  undo.push(saved());
  if (undo.length > UNDO_LEVELS) undo.shift();
  redo.length = 0;
}

function bring([labels, instances, seed, width, height]) {
  resize(width, height);
  fromRuns(labels, grid.labels);
  fromRuns(instances, grid.instances);
  preset = seed;
  render();
  overlay();
}

function resize(width, height) {
  if (grid && grid.width === width && grid.height === height) return;
  grid = makeGrid(width, height);
  image = new ImageData(width, height);
  for (const canvas of [map, over]) { canvas.width = width; canvas.height = height; }
  layGround();
}

// The blank layout, stretched to the grid: what Clear and the eraser bring back.
function layGround() {
  const {width, height} = grid;
  ground = makeGrid(width, height);
  for (let y = 0; y < height; y++) {
    const label = blank.rows[Math.floor((y + .5) * blank.rows.length / height)];
    ground.labels.fill(label, y * width, (y + 1) * width);
    ground.instances.fill(label, y * width, (y + 1) * width);
  }
}

// ---- messages ---------------------------------------------------------------------------------

function value() {
  return {w: grid.width, h: grid.height, labels: toRuns(grid.labels), instances: toRuns(grid.instances), preset, stamp: ++stamp};
}

function send(edited = true) {
  if (edited) preset = null;
  if (selected !== null && !grid.instances.includes(selected)) selected = null;
  overlay();
  root.dataset.busy = '';
  props.value = value();
  trigger('input');
}

function load(sent) {
  if (!sent || !sent.labels) return;
  if (loaded) remember();
  loaded = true;
  bring([sent.labels, sent.instances, sent.preset ?? null, sent.w, sent.h]);
  selected = instance = null;
  describe();
  send(false);
}

// ---- tools ------------------------------------------------------------------------------------

function setTool(name) {
  tool = name;
  if (name !== 'polygon') corners = [];
  for (const button of element.querySelectorAll('[data-tool]')) button.setAttribute('aria-pressed', button.dataset.tool === name);
  overlay();
}

function setClass(label) {
  active = label;
  instance = null;
  for (const button of element.querySelectorAll('[data-label]')) button.setAttribute('aria-checked', +button.dataset.label === label);
  if (tool === 'eraser' || tool === 'pick') setTool('brush');
  describe();
}

function pickAt([x, y]) {
  const i = Math.floor(y) * grid.width + Math.floor(x);
  if (!classes.some(({id}) => id === grid.labels[i])) return;
  const id = grid.instances[i];
  for (const button of element.querySelectorAll('[data-label]')) button.setAttribute('aria-checked', +button.dataset.label === grid.labels[i]);
  active = grid.labels[i];
  instance = id;
  describe();
  select([x, y]);
}

// The object at a pixel is outlined and announced, for its looks.
function select([x, y]) {
  const point = [Math.floor(x), Math.floor(y)];
  selected = grid.instances[point[1] * grid.width + point[0]];
  overlay();
  props.value = {...value(), point};
  trigger('pick');
}

// A click in the photograph is a click at the same place of the map. Gradio's own image events
// measure enlarged pictures wrongly, so the page's clicks are taken.
function selectInPicture(event) {
  const picture = event.target.closest?.(CONFIG.picture)?.querySelector('img');
  if (event.target !== picture || !picture.naturalWidth) return;
  const box = picture.getBoundingClientRect();
  const scale = Math.min(box.width / picture.naturalWidth, box.height / picture.naturalHeight);
  const x = (event.clientX - box.left - box.width / 2) / scale / picture.naturalWidth + .5;
  const y = (event.clientY - box.top - box.height / 2) / scale / picture.naturalHeight + .5;
  if (x >= 0 && x < 1 && y >= 0 && y < 1) select([x * grid.width, y * grid.height]);
}

function closePolygon() {
  if (corners.length < 3) return;
  remember();
  ready();
  fillPolygon(grid, corners, put);
  corners = [];
  render();
  describe();
  send();
}

function act(name) {
  if (name === 'object') {
    instance = null;
    describe(countable(active) ? 'the next stroke is a new object' : 'this class has no separate objects');
    return;
  }
  if (name === 'clear') {
    remember();
    grid.labels.set(ground.labels);
    grid.instances.set(ground.instances);
    instance = null;
    render();
    send();
    return;
  }
  const [from, to] = name === 'undo' ? [undo, redo] : [redo, undo];
  if (!from.length) return;
  to.push(saved());
  bring(from.pop());
  send(false);
}

// ---- pointer and keys -------------------------------------------------------------------------

function position(event) {
  const box = map.getBoundingClientRect();
  const inside = (v, size) => Math.min(size - 1e-3, Math.max(0, v * size));
  return [inside((event.clientX - box.left) / box.width, grid.width), inside((event.clientY - box.top) / box.height, grid.height)];
}

map.addEventListener('pointerdown', (event) => {
  if (event.button) return;
  map.focus({preventScroll: true});
  const at = position(event);
  if (tool === 'polygon') { corners.push(at); hover = at; overlay(); return; }
  if (tool === 'pick') { pickAt(at); return; }
  remember();
  ready();
  describe();
  if (tool === 'fill') {
    flood(grid, Math.floor(at[0]), Math.floor(at[1]), put);
    render();
    send();
    return;
  }
  try { map.setPointerCapture(event.pointerId); } catch { /* a synthetic pointer has nothing to capture */ }
  last = at;
  render(...capsule(grid, at, at, radius(), put));
});

map.addEventListener('pointermove', (event) => {
  hover = position(event);
  if (last) {
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) {
      const at = position(each);
      render(...capsule(grid, last, at, radius(), put));
      last = at;
    }
  }
  overlay();
});

function lift() {
  if (!last) return;
  last = null;
  send();
}
map.addEventListener('pointerup', lift);
map.addEventListener('pointercancel', lift);
map.addEventListener('pointerleave', () => { hover = null; overlay(); });
map.addEventListener('dblclick', () => { if (tool === 'polygon') closePolygon(); });

function setSize(size) {
  const input = $('.size input');
  input.value = size;
  $('.size output').textContent = input.value;
  overlay();
}
$('.size input').addEventListener('input', (event) => setSize(event.target.value));

element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.dataset.tool) setTool(button.dataset.tool);
  else if (button.dataset.act) act(button.dataset.act);
  else if (button.dataset.label) setClass(+button.dataset.label);
});

const KEYS = {b: () => setTool('brush'), f: () => setTool('fill'), p: () => setTool('polygon'), e: () => setTool('eraser'),
  i: () => setTool('pick'), n: () => act('object'), Enter: closePolygon, Escape: () => { corners = []; overlay(); },
  '[': () => setSize(+$('.size input').value - 4), ']': () => setSize(+$('.size input').value + 4)};

map.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey) {
    const key = event.key.toLowerCase();
    if (key === 'z' || key === 'y') { event.preventDefault(); act(key === 'y' || event.shiftKey ? 'redo' : 'undo'); }
    return;
  }
  if (/^[0-9]$/.test(event.key) && classes[(+event.key + 9) % 10]) setClass(classes[(+event.key + 9) % 10].id);
  KEYS[event.key]?.();
});

// ---- start ------------------------------------------------------------------------------------

setPalette();
resize(CONFIG.width, CONFIG.height);
grid.labels.set(ground.labels);
grid.instances.set(ground.instances);
render();
showLegend();
load(props.value);
if (CONFIG.picture) {
  globalThis.painterPicture?.abort();          // a painter that was here before no longer listens
  globalThis.painterPicture = new AbortController();
  document.addEventListener('click', selectInPicture, {signal: globalThis.painterPicture.signal});
}
watch('value', () => load(props.value));
watch('selected', () => { selected = props.selected ?? null; overlay(); });
watch('domain', () => {
  ({classes, blank} = props.domain);
  if (!classes.some(({id}) => id === active)) active = classes[0].id;
  setPalette();
  layGround();
  showLegend();
  render();
});
