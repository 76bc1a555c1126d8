// The mixing pad. Corners hold styles; the place of the knob is their mix. Sent: {weights: [one per slot]}.
// In scope: element, props, trigger, watch (Gradio). props.corners: [{slot, path}], props.weights.

const SVG = 'http://www.w3.org/2000/svg', SIDE = 200, STEP = .05;
const LAYOUTS = {
  2: [[0, .5], [1, .5]],
  3: [[.5, .067], [1, .933], [0, .933]],
  4: [[0, 0], [1, 0], [0, 1], [1, 1]],
};
const OUTLINE = {2: [0, 1], 3: [0, 1, 2], 4: [0, 1, 3, 2]};
const root = element.querySelector('.mixer'), pad = root.querySelector('.pad'), knob = root.querySelector('.knob');
const SLOTS = 4;

let corners = [], places = [], at = [.5, .5], held = false;

// ---- geometry ---------------------------------------------------------------------------------

const clamp = (x) => Math.min(1, Math.max(0, x));

// Shares of the corners at a place, summing to one: linear, barycentric, bilinear.
function sharesAt([x, y]) {
  if (places.length === 2) return [1 - x, x];
  if (places.length === 4) return [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y];
  const [[ax, ay], [bx, by], [cx, cy]] = places;
  const area = (by - cy) * (ax - cx) + (cx - bx) * (ay - cy);
  const a = ((by - cy) * (x - cx) + (cx - bx) * (y - cy)) / area;
  const b = ((cy - ay) * (x - cx) + (ax - cx) * (y - cy)) / area;
  const inside = [a, b, 1 - a - b].map((share) => Math.max(0, share));
  const sum = inside[0] + inside[1] + inside[2];
  return inside.map((share) => share / sum);
}

// Summing to one, or nothing of all.
function normalised(shares) {
  const sum = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => sum > 0 ? share / sum : 0);
}

// Nothing of all has no place; the middle is as far from each.
function placeOf(shares) {
  const parts = normalised(shares.some((share) => share > 0) ? shares : shares.map(() => 1));
  return [0, 1].map((axis) => places.reduce((total, place, i) => total + place[axis] * parts[i], 0));
}

// ---- view -------------------------------------------------------------------------------------

function drawn(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function showCorners() {
  const group = root.querySelector('.corners');
  group.replaceChildren();
  root.querySelector('.field').setAttribute('points', OUTLINE[places.length].map((i) => places[i].map((v) => v * SIDE).join(',')).join(' '));
  pad.setAttribute('viewBox', {2: '-34 54 268 92', 3: '-34 -20 268 240', 4: '-34 -34 268 268'}[places.length]);
  corners.forEach(({slot, path}, i) => {
    const [x, y] = places[i].map((v) => v * SIDE);
    const picture = drawn('image', {x: x - 26, y: y - 26, width: 52, height: 52, preserveAspectRatio: 'xMidYMid slice', href: `gradio_api/file=${encodeURI(path)}`});
    picture.style.clipPath = 'circle(26px at 26px 26px)';
    picture.style.transformBox = 'fill-box';
    const number = drawn('text', {x, y: y + 5, class: 'number'});
    number.textContent = slot + 1;
    group.append(picture, drawn('circle', {cx: x, cy: y, r: 26, class: 'ring'}), number);
  });
}

// The shares are those that are drawn: a place on the square cannot say all that sliders can.
function showKnob(shares) {
  knob.setAttribute('cx', at[0] * SIDE);
  knob.setAttribute('cy', at[1] * SIDE);
  const said = corners.map(({slot}, i) => `Style ${slot + 1} ${Math.round(100 * shares[i])} %`).join(' · ');
  root.querySelector('.shares').textContent = said;
  knob.setAttribute('aria-valuetext', said);
  knob.setAttribute('aria-valuenow', Math.round(100 * shares[0]));
}

// ---- moving -----------------------------------------------------------------------------------

function move([x, y]) {
  const wanted = [clamp(x), places.length === 2 ? .5 : clamp(y)];
  const shares = sharesAt(wanted);
  at = places.length === 3 ? placeOf(shares) : wanted;
  showKnob(shares);
  const weights = new Array(SLOTS).fill(0);
  corners.forEach(({slot}, i) => { weights[slot] = Math.round(1000 * shares[i]) / 1000; });
  props.value = {weights};
  trigger('input');
}

function position(event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(pad.getScreenCTM().inverse());
  return [point.x / SIDE, point.y / SIDE];
}

pad.addEventListener('pointerdown', (event) => {
  if (event.button || !places.length) return;
  held = true;
  try { pad.setPointerCapture(event.pointerId); } catch { /* a synthetic pointer has nothing to capture */ }
  knob.focus({preventScroll: true});
  move(position(event));
});
pad.addEventListener('pointermove', (event) => { if (held) move(position(event)); });
for (const end of [`pointerup`, `pointercancel`]) pad.addEventListener(end, () => { held = false; });

const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
knob.addEventListener('keydown', (event) => {
  const arrow = ARROWS[event.key];
  if (!arrow) return;
  event.preventDefault();
  move([at[0] + STEP * arrow[0], at[1] + STEP * arrow[1]]);
});

// ---- what Python says -------------------------------------------------------------------------

function load() {
  corners = (props.corners ?? []).slice(0, SLOTS);
  places = LAYOUTS[corners.length] ?? [];
  root.classList.toggle('few', !places.length);
  if (!places.length) return;
  const weights = props.weights ?? [];
  showCorners();
  const shares = normalised(corners.map(({slot}) => weights[slot] ?? 1));
  if (!held) at = placeOf(shares);
  showKnob(held ? sharesAt(at) : shares);
}

// What the sliders beside it say, without a way to Python and back.
window.addEventListener('atelier-shares', ({detail}) => { props.weights = detail; load(); });

load();
watch(['corners', 'weights'], load);
