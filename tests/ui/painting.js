// Drives a real painter as a hurried visitor would: random tools, points, classes, sizes, objects,
// keys, fingers, undo and redo, by the events of the page. In scope: start (makes a painter), seed,
// count. Returns what broke, and drawings for Python to read.

function random(seed) {                // mulberry32: the same visitor for the same seed
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

function digest(ids, hash = 0x811c9dc5) {
  for (let i = 0; i < ids.length; i++) hash = Math.imul(hash ^ ids[i], 0x01000193);
  return hash >>> 0;
}

const digestOf = ({width, height, labels, instances}) => `${width}x${height}:${digest(labels)}:${digest(instances)}`;

// What is wrong with the ids: an instance of two classes, or one outside the range of its class.
function wrong({labels, instances}, countable) {
  const classOf = new Int16Array(65536).fill(-1);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i], id = instances[i];
    if (classOf[id] === label) continue;
    if (classOf[id] >= 0) return `object ${id} is of ${classOf[id]} and ${label}`;
    classOf[id] = label;
    const first = label * 1000;
    if (countable.has(label) ? id !== label && (id < first || id > first + 999) : id !== label) return `object ${id} of class ${label}`;
  }
  return null;
}

// Whether what was sent says what the page holds, read without the painter's own functions.
function says(sent, {width, height, labels, instances}) {
  if (sent.w !== width || sent.h !== height) return false;
  for (const [text, ids] of [[sent.labels, labels], [sent.instances, instances]]) {
    const runs = text.split(' ').map(Number);
    let at = 0;
    for (let k = 0; k < runs.length; k += 2) for (let n = runs[k + 1]; n > 0; n--) if (ids[at++] !== runs[k]) return false;
    if (at !== ids.length) return false;
  }
  return true;
}

async function visit({start, seed, count, keepEvery}) {
  const chance = random(seed), failures = [], kept = [], trail = [], ahead = [], seen = new Set();
  let direction = 0, edits = 0, ready = false;
  const painter = start((name, props) => {
    if (!ready || (name !== 'input' && name !== 'sketch')) return;
    const grid = painter.grid(), now = digestOf(grid);
    const looked = edits % keepEvery === 0;   // on a large map looking closely takes long
    if (looked && !says(props.value, grid)) failures.push(`step ${edits}: what was sent is not what is held`);
    const error = looked && wrong(grid, painter.countable);
    if (error) failures.push(`step ${edits}: ${error}`);
    if (direction < 0) {
      ahead.push(trail.pop());
      if (trail.at(-1) !== now) failures.push(`step ${edits}: undo did not restore`);
    } else if (direction > 0) {
      trail.push(ahead.pop());
      if (trail.at(-1) !== now) failures.push(`step ${edits}: redo did not restore`);
    } else {
      trail.push(now);
      seen.add(now);
      ahead.length = 0;
    }
    edits++;
    if (looked) kept.push(JSON.stringify(props.value));
  });
  trail.push(digestOf(painter.grid()));
  ready = true;
  const {map, element} = painter, pick = (list) => list[Math.floor(chance() * list.length)];
  const box = map.getBoundingClientRect();
  const point = () => [box.left + box.width * (chance() * 1.1 - .05), box.top + box.height * (chance() * 1.1 - .05)];
  const pointer = (name, [clientX, clientY], more = {}) => map.dispatchEvent(
    new PointerEvent(name, {clientX, clientY, button: 0, pointerId: 1, bubbles: true, shiftKey: chance() < .15, ...more}));
  const key = (name, more = {}) => {
    for (const kind of ['keydown', 'keyup']) map.dispatchEvent(new KeyboardEvent(kind, {key: name, bubbles: true, ...more}));
  };
  const stroke = (points) => {
    const by = {pointerType: pick(['mouse', 'mouse', 'pen', 'touch'])};
    pointer('pointerdown', points[0], by);
    for (const at of points.slice(1)) pointer('pointermove', at, by);
    pointer(chance() < .04 ? 'pointercancel' : 'pointerup', points.at(-1), by);
  };
  // Two fingers, the first of which was on its way already; what they zoomed is as it was before.
  const pinch = () => {
    const before = edits, finger = (name, pointerId) => pointer(name, point(), {pointerId, pointerType: 'touch'});
    for (const [name, id] of [['down', 2], ['move', 2], ['down', 3], ['move', 3], ['up', 2], ['move', 3], ['up', 3]]) finger(`pointer${name}`, id);
    if (edits !== before) failures.push(`step ${edits}: two fingers painted with ${element.querySelector('[data-tool][aria-pressed=true]').dataset.tool}`);
    element.querySelector('[data-act=fit]').click();
  };
  const back = (sign) => {
    direction = sign;
    key('z', {ctrlKey: true, shiftKey: sign > 0});
    direction = 0;
  };
  const onSelection = () => {
    element.querySelector('[data-tool=select]').click();
    stroke([point()]);
    const deed = pick(['d', 'u', 'Delete', 'arrow', 'stretch', 'relabel', 'handles']);
    const select = element.querySelector('.relabel select');
    if (deed === 'arrow') for (let k = 0; k < 3; k++) key(pick(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']));
    else if (deed === 'stretch') key(pick(['ArrowRight', 'ArrowDown', 'ArrowLeft']), {altKey: true});
    else if (deed === 'relabel' && !select.disabled) {
      select.value = pick([...select.options]).value;
      select.dispatchEvent(new Event('change', {bubbles: true}));
    } else if (deed === 'handles') for (let k = 0; k < 3; k++) stroke([point(), point()]);
    else key(deed);
  };
  const TOOLS = ['brush', 'eraser', 'line', 'rectangle', 'ellipse', 'fill', 'polygon', 'eyedropper', 'select'];
  for (let k = 0; k < count; k++) {
    const tool = pick(TOOLS), roll = chance();
    if (chance() < .5) pick([...element.querySelectorAll('[data-label]')]).click();
    if (chance() < .1) key('n');
    if (chance() < .3) key(pick(['[', ']']));
    element.querySelector(`[data-tool=${tool}]`).click();
    if (chance() < .1) pinch();
    if (roll < .08) for (let n = 1 + 2 * chance(); n > 0; n--) back(-1);
    else if (roll < .15) for (let n = 1 + 2 * chance(); n > 0; n--) back(1);
    else if (roll < .4) onSelection();
    else if (roll < .43) element.querySelector('[data-act=clear]').click();
    else if (roll < .5) { key('ArrowRight'); key(' '); key('ArrowDown'); key('ArrowRight'); key(' '); } else if (tool === 'polygon') {
      for (let n = 0; n < 5; n++) stroke([point()]);
      key(pick(['Enter', 'Enter', 'Escape']));
    } else stroke(Array.from({length: 2 + Math.floor(4 * chance())}, point));
    if (k % 16 === 0) await new Promise((go) => setTimeout(go));
  }
  element.querySelector('[data-tool=brush]').click();
  const last = digestOf(painter.grid());
  let steps = 0;
  for (; painter.history().undo.length; steps++) back(-1);
  const undone = digestOf(painter.grid());
  for (let k = 0; k < steps; k++) back(1);
  if (digestOf(painter.grid()) !== last) failures.push(`redo ${steps} times did not bring the last state back`);
  return {failures, kept, edits, steps, restored: undone === trail[trail.length - 1 - steps], states: seen.size};
}
