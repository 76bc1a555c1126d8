// The painter: ids live in a grid (grid.js), the canvas is only a view of them (view.js), so no pixel
// can be between two classes whatever the zoom. Sent to Python: {w, h, labels, instances, domain, preset,
// stamp}, with "point" where an object was picked and "opened" where a project was.
// The files in order: grid, history, objects (typed arrays only), view, tools, select, painter (the
// state), files, kept, input, start. Functions may use what stands further down; what runs at once may not.
// In scope: element, props, trigger, watch (Gradio) and CONFIG (classes, blank), baked in below
// because a remounted gr.HTML loses its props.

const $ = (selector) => element.querySelector(selector);
const root = $('.painter'), wrap = $('.wrap'), stage = $('.stage'), map = $('.map'), over = $('.over');
const view = map.getContext('2d'), marks = over.getContext('2d');

// The state; the files before this one read and write it.
let classes = CONFIG.classes, blank = CONFIG.blank, domainName = CONFIG.name;
let grid, ground, image, palette, history;
let tool = 'brush', active = CONFIG.active, instance = null, preset = null;
// Of the newest value and of the newest that is to be drawn; a painter mounted again begins with others.
let stamp = Date.now(), asked = stamp;
let loaded = false, edited = false, corners = [], selected = null, outlined = null, hover = null;
let zoom = {scale: 1, x: 0, y: 0};
let sketching = null;  // {stamp, shown}: the drawing of which a quick picture was asked for

// ---- ids --------------------------------------------------------------------------------------

const radius = () => +$('.size input').value / 2;
const countable = (label) => Boolean(classes.find(({id}) => id === label)?.countable);

function resize(width, height) {
  if (grid && grid.width === width && grid.height === height) return;
  grid = makeGrid(width, height);
  image = new ImageData(width, height);
  map.width = width;
  map.height = height;
  layGround();
  fit();
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

// After every change of the map: one step to undo, and the photograph follows.
function commit(rect, number = null) {
  floating = outlined = null;
  if (!rect || !record(history, grid, rect, [preset, number])) return;
  preset = number;
  edited = true;
  borrowed = false;
  send();
}

function travel(redo) {
  if (!redo && corners.length) { takeBackCorner(); return; }
  breakOff();
  const step = stepBack(history, redo);
  if (!step) { describe(redo ? 'nothing to redo' : 'nothing to undo'); return; }
  resize(step.part.width, step.part.height);
  paste(grid, step.part);
  settle(history, grid, step.part);
  preset = step.preset;
  floating = outlined = null;
  render(...step.part.rect);
  describe(redo ? 'redone' : 'undone');
  send();
}

// ---- messages ---------------------------------------------------------------------------------

function value() {
  return {w: grid.width, h: grid.height, labels: asText(toRuns(grid.labels)), instances: asText(toRuns(grid.instances)), domain: domainName, preset, stamp: ++stamp};
}

// Where the whole picture takes long, a small one is asked for first. Until a picture was timed (it
// may have come from memory) a processor is assumed, which needs a second for 200 000 pixels.
let pace = 5e-6;
function slow() {
  pace = props.kept?.pace || pace;
  return Boolean(props.kept) && pace * grid.width * grid.height > 1;
}

function send() {
  const gone = selected !== null && !grid.instances.includes(selected);
  if (gone) selected = null;
  showSelection();
  if (gone) trigger('unpick');
  props.value = value();
  startLine();
  if (slow()) { sketching = {stamp, shown: false}; trigger('sketch'); } else trigger('input');
  autosave();
}

// The line over the map moves until what was sent last is drawn; what is sent meanwhile follows.
let follows = false;
function startLine() {
  follows = 'busy' in root.dataset;
  asked = stamp;
  root.dataset.busy = '';
}

function stopLine() {
  delete root.dataset.busy;
}

// A picture is there; what was painted while it was being drawn is drawn next.
function drawn() {
  follows = false;
  if (props.drawn >= asked) stopLine();
}

// There will be none, but what waited for it is drawn next.
function undrawn() {
  if (!follows) stopLine();
  follows = false;
}

// The quick picture is there: the whole one follows, unless something newer was painted.
function sketched() {
  follows = false;
  if (!sketching || props.sketched < sketching.stamp) return;
  sketching.shown = true;
  settleSketch();
}

// While the next stroke is being drawn the whole picture waits: it would be old at once. It is asked
// for again when the pen goes up or is taken away.
function settleSketch() {
  if (!sketching?.shown || drag) return;
  sketching = null;
  trigger('input');
}

function load(sent) {
  if (!sent || !sent.labels) return;
  keepFirst(sent);
  if (sent.first && !sent.again && (opening || edited || sent.domain !== domainName)) return;   // it came too late
  if (sent.opened) arrived();
  takeDomain();
  breakOff();
  resize(sent.w, sent.h);
  fromRuns(asRuns(sent.labels), grid.labels);
  fromRuns(asRuns(sent.instances), grid.instances);
  if (loaded) record(history, grid, wholeOf(grid), [preset, sent.preset ?? null]);
  else history = makeHistory(grid, CONFIG.undo);
  edited ||= (loaded && !sent.first) || Boolean(sent.opened);   // the first one is sent twice
  loaded = true;
  preset = sent.preset ?? null;
  selected = outlined = instance = floating = null;
  render();
  describe();
  send();
}

// ---- choices ----------------------------------------------------------------------------------

function setTool(name) {
  if (drag) breakOff();
  tool = name;
  if (name !== 'polygon') corners = [];
  root.dataset.tool = name;
  for (const button of element.querySelectorAll('button[data-tool]')) button.setAttribute('aria-pressed', button.dataset.tool === name);
  map.style.cursor = name === 'select' ? 'default' : 'crosshair';
  describe($(`[data-tool=${name}]`).getAttribute('aria-label'));
  showOptions();
  overlay();
}

function setClass(label) {
  active = label;
  instance = null;
  checkLegend(label);
  showOptions();
  if (tool === 'eraser' || tool === 'select') setTool('brush');
  describe();
}

function setSize(size) {
  const input = $('.size input');
  input.value = size;
  $('.size output').textContent = input.value;
  overlay();
}

const ACTS = {
  undo: () => travel(false),
  redo: () => travel(true),
  clear: () => {
    breakOff();
    grid.labels.set(ground.labels);
    grid.instances.set(ground.instances);
    instance = null;
    render();
    commit(wholeOf(grid));
  },
  object: () => {
    instance = null;
    describe(countable(active) ? 'the next stroke is a new object' : `all ${nameOf(active)} is one object`);
  },
  keys: () => toggle('keys', $('.keys')),
  closer: () => zoomBy(1.5),
  farther: () => zoomBy(1 / 1.5),
  fit: () => { zoom = {scale: 1, x: 0, y: 0}; showZoom(); },
  full: fullScreen,
  files: () => toggle('files', $('.menu')),
  restore: () => answerOffer(true),
  forget: () => answerOffer(false),
  unlink: () => { $('.link').hidden = true; },
};

const act = (name) => ACTS[name]();

function toggle(name, panel, open = panel.hidden) {
  panel.hidden = !open;
  $(`[data-act=${name}]`).setAttribute('aria-expanded', open);
}

// What tells one choice of classes from another: they are sent with every layout.
const saying = ({name, classes, blank}) => JSON.stringify([name, classes, blank]);

function takeDomain() {
  const sent = props.domain;
  if (!sent || saying(sent) === takeDomain.last) return;
  takeDomain.last = saying(sent);
  if (sent.name !== domainName) {        // ids of another domain are never brought back by undo
    flush();
    loaded = edited = false;
    domainName = sent.name;
    history = null;
    offer();
  }
  ({classes, blank} = sent);
  if (!classes.some(({id}) => id === active)) active = classes[0].id;
  setPalette();
  layGround();
  history ??= makeHistory(grid, CONFIG.undo);
  showLegend();
  render();
}
