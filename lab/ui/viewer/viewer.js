// The viewer: pictures of one scene under one zoom (zoom.js), in a grid or as two under a divider.
// From Python: {panes: [{name, url, note, size: [width, height]}], first, keep, stamp}. With CONFIG.keys the keys
// 1, 2 and 3 answer a vote. In scope: element, props, trigger, watch (Gradio) and CONFIG.

const $ = (selector) => element.querySelector(selector);
const root = $('.viewer'), stage = $('.panes');
const STEP = 1.5, KEY_PAN = .1;
let panes = [], view = WHOLE, mode = 'grid', pair = [0, 1], chosen = false, at = 50, hands = new Map();

// ---- what is shown ----------------------------------------------------------------------------

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function pictureOf({name, url}) {
  const img = make('img');
  img.src = url;
  img.alt = name;
  img.draggable = false;
  img.addEventListener('load', look);
  return img;
}

// One frame for all, as wide and high as the first picture: others are laid into it.
function frameOf(first) {
  const frame = make('div', 'frame');
  frame.style.aspectRatio = `${first.size[0]} / ${first.size[1]}`;
  stage.style.setProperty('--shape', first.size[0] / first.size[1]);
  return frame;
}

function captionOf({name, note}) {
  const caption = make('figcaption');
  caption.append(make('b', '', name), make('span', '', note ?? ''));
  return caption;
}

// What stands there already stays: nothing flickers, and the divider keeps the focus.
function put(wanted) {
  const there = [...stage.children];
  const fresh = wanted.findIndex(([key], i) => there[i]?.dataset.key !== key);
  const from = fresh < 0 ? wanted.length : fresh;
  for (const figure of there.slice(from)) figure.remove();
  for (const [key, draw] of wanted.slice(from)) {
    const figure = draw();
    figure.dataset.key = key;
    stage.append(figure);
  }
}

function grid() {
  put(panes.map((pane) => [JSON.stringify([pane, panes[0].size]), () => {
    const figure = make('figure'), frame = frameOf(panes[0]);
    frame.append(pictureOf(pane));
    figure.append(frame, captionOf(pane));
    return figure;
  }]));
}

function slider() {
  const sides = pair.map((i) => panes[i] ?? panes[0]);
  const focused = !!element.querySelector('.divider:focus');
  put([[JSON.stringify({sides}), () => under(...sides)]]);
  divide(at);
  if (focused) $('.divider').focus({preventScroll: true});
}

function under(left, right) {
  const figure = make('figure'), frame = frameOf(left), over = make('div', 'over'), divider = make('div', 'divider');
  over.append(pictureOf(right));
  divider.tabIndex = 0;
  for (const [key, value] of [['role', 'slider'], ['aria-label', 'Divider'], ['aria-valuemin', 0], ['aria-valuemax', 100]]) divider.setAttribute(key, value);
  frame.append(pictureOf(left), over, divider, make('span', 'tag left', left.name), make('span', 'tag right', right.name));
  const caption = make('figcaption');
  caption.append(...[left, right].map(({name, note}) => make('span', '', `${name}: ${note || 'the reference'}`)));
  figure.append(frame, caption);
  return figure;
}

function divide(share) {
  at = Math.min(100, Math.max(0, share));
  const frame = $('.frame');
  frame.style.setProperty('--at', `${at}%`);
  $('.divider').setAttribute('aria-valuenow', Math.round(at));
}

function lay() {
  hands.clear();  // they hold frames that may be about to go
  root.toggleAttribute('data-empty', !panes.length);
  if (!panes.length) return stage.replaceChildren();
  root.dataset.mode = mode;
  for (const button of element.querySelectorAll('[data-mode]')) if (button !== root) button.setAttribute('aria-pressed', button.dataset.mode === mode);
  mode === 'pair' ? slider() : grid();
  fit();
  look();
}

const fit = () => stage.style.setProperty('--columns', mode === 'pair' ? 1 : columnsFor(Math.max(1, panes.length), stage.clientWidth || 1));

// Every picture under the view; pixels stay squares once they are larger than the screen's.
function look() {
  root.toggleAttribute('data-zoomed', view.scale > 1);
  $('.scale').textContent = `${+view.scale.toFixed(1)}×`;
  for (const img of stage.querySelectorAll('img')) {
    img.style.transform = transformOf(view);
    img.classList.toggle('crisp', img.naturalWidth > 0 && view.scale * img.clientWidth / img.naturalWidth >= 2);
  }
}

function show(value) {
  const kept = pair.map((i) => panes[i]?.name);
  panes = value?.panes ?? [];
  if (!value?.keep) [view, chosen] = [WHOLE, false];
  // The first two that were drawn stand behind the references; the last one is there in any case.
  const first = Math.min(Math.max(0, panes.length - 2), value?.first ?? 0);
  const usual = [first, Math.min(first + 1, Math.max(0, panes.length - 1))];
  const found = kept.map((name) => panes.findIndex((pane) => pane.name === name));
  pair = usual.map((i, side) => chosen && found[side] >= 0 ? found[side] : i);
  for (const select of element.querySelectorAll('select')) menu(select);
  lay();
}

// Entry by entry: a menu that is open stays open.
function menu(select) {
  panes.forEach(({name}, i) => {
    const option = select.options[i] ?? select.appendChild(new Option('', i));
    if (option.text !== name) option.text = name;
  });
  select.length = panes.length;
  select.value = pair[select.dataset.side];
}

// ---- hands ------------------------------------------------------------------------------------

const to = (next) => { view = next; look(); };

function share(event, frame) {
  const box = frame.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

stage.addEventListener('wheel', (event) => {
  const frame = event.target.closest('.frame');
  // Nothing to zoom out of: the page scrolls.
  if (!frame || (view.scale === 1 && event.deltaY > 0)) return;
  event.preventDefault();
  to(zoomedAt(view, ...share(event, frame), Math.exp(-Math.sign(event.deltaY) * Math.min(60, Math.abs(event.deltaY)) / 240)));
}, {passive: false});

stage.addEventListener('dblclick', (event) => {
  const frame = event.target.closest('.frame');
  if (frame && !event.target.closest('.divider')) to(zoomedAt(view, ...share(event, frame), 2));
});

stage.addEventListener('pointerdown', (event) => {
  const frame = event.target.closest('.frame');
  if (!frame || event.button) return;
  hands.set(event.pointerId, {frame, spot: share(event, frame), divider: !!event.target.closest('.divider')});
  frame.setPointerCapture(event.pointerId);
});

stage.addEventListener('pointermove', (event) => {
  const hand = hands.get(event.pointerId);
  if (!hand) return;
  const spot = share(event, hand.frame), old = hand.spot;
  hand.spot = spot;
  if (hand.divider) return divide(spot[0] * 100);
  const other = [...hands.entries()].find(([id]) => id !== event.pointerId)?.[1];
  if (!other) return to(movedBy(view, spot[0] - old[0], spot[1] - old[1]));
  // Two fingers: the middle between them moves, their distance zooms.
  const [width, height] = [hand.frame.clientWidth, hand.frame.clientHeight], fixed = other.spot;
  const apart = ([x, y]) => Math.hypot((x - fixed[0]) * width, (y - fixed[1]) * height) || 1;
  const middle = ([x, y]) => [(x + fixed[0]) / 2, (y + fixed[1]) / 2];
  const [before, after] = [middle(old), middle(spot)];
  to(zoomedAt(movedBy(view, after[0] - before[0], after[1] - before[1]), ...after, apart(spot) / apart(old)));
});

for (const end of ['pointerup', 'pointercancel']) stage.addEventListener(end, (event) => hands.delete(event.pointerId));

// ---- keys and buttons -------------------------------------------------------------------------

const ZOOMS = {in: () => zoomedAt(view, .5, .5, STEP), out: () => zoomedAt(view, .5, .5, 1 / STEP), reset: () => WHOLE};
const ARROWS = {ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};

stage.addEventListener('keydown', (event) => {
  const arrow = ARROWS[event.key], zoom = {'+': 'in', '=': 'in', '-': 'out', '0': 'reset'}[event.key];
  if (event.ctrlKey || event.metaKey || event.altKey || !(arrow || zoom)) return;
  event.preventDefault();
  if (zoom) to(ZOOMS[zoom]());
  else if (event.target.matches('.divider') && arrow[0]) divide(at - 2 * arrow[0]);
  else to(movedBy(view, arrow[0] * KEY_PAN, arrow[1] * KEY_PAN));
});

root.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (button?.dataset.zoom) to(ZOOMS[button.dataset.zoom]());
  if (button?.dataset.mode) { mode = button.dataset.mode; lay(); }
});

root.addEventListener('change', (event) => {
  if (!event.target.matches('select')) return;
  pair[event.target.dataset.side] = +event.target.value;
  chosen = true;
  lay();
});

if (CONFIG.keys) document.addEventListener('keydown', (event) => {
  const busy = event.target.closest?.('input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]');
  if (busy || event.repeat || event.ctrlKey || event.metaKey || event.altKey || !stage.offsetParent || !panes.length) return;
  if (event.key === '1') trigger('left');
  if (event.key === '2') trigger('equal');
  if (event.key === '3') trigger('right');
});

new ResizeObserver(() => { fit(); look(); }).observe(stage);
watch('value', () => show(props.value));
show(props.value);
