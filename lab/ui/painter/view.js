// How the painter looks: the map in the colours of its classes, marks over it, words beside it.
// In scope besides the files before: the state of painter.js, which is declared after this file.

const HANDLES = [[0, 0], [.5, 0], [1, 0], [1, .5], [1, 1], [.5, 1], [0, 1], [0, .5]];  // of a selection
const PENS = ['brush', 'eraser', 'line'];  // what has a size

function setPalette() {
  palette = new Uint32Array(256).fill(0xff000000);
  for (const {id, color} of classes) palette[id] = (0xff000000 | color[2] << 16 | color[1] << 8 | color[0]) >>> 0;
}

// Pixels whose right or lower neighbour is another object are darker, so twins can be told apart.
function render(x0 = 0, y0 = 0, x1 = grid.width, y1 = grid.height) {
  x0 = Math.max(0, x0 - 1); y0 = Math.max(0, y0 - 1);
  if (x1 <= x0 || y1 <= y0) return;
  const {width, height, labels, instances} = grid, pixels = new Uint32Array(image.data.buffer);
  for (let y = y0; y < y1; y++) {
    for (let x = x0, i = y * width + x0; x < x1; x++, i++) {
      const edge = (x + 1 < width && instances[i + 1] !== instances[i]) || (y + 1 < height && instances[i + width] !== instances[i]);
      const color = palette[labels[i]];
      pixels[i] = edge ? (0xff000000 | (color >>> 1 & 0x7f7f7f)) >>> 0 : color;
    }
  }
  view.putImageData(image, 0, 0, x0, y0, x1 - x0, y1 - y0);
}

// ---- marks: in screen pixels, so they are as fine at every zoom -------------------------------

let waiting = false;
function overlay() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; drawMarks(); });
}

// Where the map is on the overlay: its left and top, and screen pixels per pixel of the map.
function placement() {
  const box = map.getBoundingClientRect(), frame = over.getBoundingClientRect();
  return {left: box.left - frame.left, top: box.top - frame.top, scale: box.width / grid.width};
}

function drawMarks() {
  const density = devicePixelRatio || 1, frame = over.getBoundingClientRect();
  const width = Math.round(frame.width * density), height = Math.round(frame.height * density);
  if (over.width !== width || over.height !== height) { over.width = width; over.height = height; }
  marks.setTransform(1, 0, 0, 1, 0, 0);
  marks.clearRect(0, 0, width, height);
  const {left, top, scale} = placement();
  const unit = density * scale;
  marks.setTransform(unit, 0, 0, unit, left * density, top * density);
  const pen = (path, thin = 1.5) => {
    for (const [color, wide] of [['rgba(0,0,0,.75)', thin + 2], ['#fff', thin]]) {
      marks.strokeStyle = color;
      marks.lineWidth = wide / scale;
      marks.stroke(path);
    }
  };
  if (selected !== null) drawSelection(pen, scale);
  drawShape(pen, scale);
  drawCursor(pen, scale);
}

function drawSelection(pen, scale) {
  if (!outlined) {
    const rect = boundsOf(grid, selected), path = new Path2D();
    if (!rect) return;
    for (const [xa, ya, xb, yb] of edgesOf(grid, selected, rect)) { path.moveTo(xa, ya); path.lineTo(xb, yb); }
    outlined = {rect, path};
  }
  pen(outlined.path);
  if (tool !== 'select' || !movable(selected)) return;
  const [x0, y0, x1, y1] = outlined.rect, half = 4 / scale;
  for (const [fx, fy] of HANDLES) {
    const x = x0 + fx * (x1 - x0), y = y0 + fy * (y1 - y0);
    marks.fillStyle = '#fff';
    marks.strokeStyle = 'rgba(0,0,0,.8)';
    marks.lineWidth = 1 / scale;
    marks.fillRect(x - half, y - half, 2 * half, 2 * half);
    marks.strokeRect(x - half, y - half, 2 * half, 2 * half);
  }
}

// The shape that is being drawn and is not yet in the map.
function drawShape(pen, scale) {
  const path = new Path2D();
  if (corners.length) {
    corners.forEach(([x, y], i) => i ? path.lineTo(x, y) : path.moveTo(x, y));
    if (hover) path.lineTo(hover[0], hover[1]);
    const half = 3 / scale;
    for (const [x, y] of corners) path.rect(x - half, y - half, 2 * half, 2 * half);
  } else if (drag?.shape) {
    const [a, b] = [drag.start, drag.end];
    if (drag.shape === 'rectangle') path.rect(a[0], a[1], b[0] - a[0], b[1] - a[1]);
    else if (drag.shape === 'ellipse') path.ellipse((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, Math.abs(a[0] - b[0]) / 2, Math.abs(a[1] - b[1]) / 2, 0, 0, 2 * Math.PI);
    else drawCapsule(path, a, b);
  } else return;
  pen(path);
}

function drawCapsule(path, a, b) {
  const angle = Math.atan2(b[1] - a[1], b[0] - a[0]);
  path.arc(a[0], a[1], radius(), angle + Math.PI / 2, angle + 1.5 * Math.PI);
  path.arc(b[0], b[1], radius(), angle - Math.PI / 2, angle + Math.PI / 2);
  path.closePath();
}

// What the brush would paint, and the cursor of who draws by keys.
function drawCursor(pen, scale) {
  if (!hover) return;
  const path = new Path2D(), [x, y] = hover;
  if (PENS.includes(tool) && !drag?.shape) path.arc(x, y, radius(), 0, 2 * Math.PI);
  if (byKeys) {
    const arm = 11 / scale, gap = 3 / scale;
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      path.moveTo(x + dx * gap, y + dy * gap);
      path.lineTo(x + dx * arm, y + dy * arm);
    }
  }
  pen(path, byKeys ? 2 : 1.5);
}

// ---- zoom -------------------------------------------------------------------------------------

// The map is as wide as its frame; over the whole screen as large as fits.
function fit() {
  const room = wrap.getBoundingClientRect(), full = root.classList.contains('full');
  stage.style.width = full ? `${Math.min(room.width, room.height * grid.width / grid.height)}px` : '';
  if (stage.offsetWidth) panBy(0, 0);   // what was zoomed stays in a frame that became smaller
  overlay();
}

function showZoom() {
  stage.style.transform = zoom.scale === 1 ? '' : `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})`;
  $('.level').textContent = `${Math.round(zoom.scale * 100)} %`;
  overlay();
}

// `factor` times as large around a point of the screen, by default the middle.
function zoomBy(factor, client) {
  const box = map.getBoundingClientRect(), width = stage.offsetWidth, height = stage.offsetHeight;
  const left = box.left - zoom.x, top = box.top - zoom.y, frame = wrap.getBoundingClientRect();
  const [cx, cy] = client ?? [frame.left + frame.width / 2, frame.top + frame.height / 2];
  const scale = Math.min(16, Math.max(1, zoom.scale * factor)), ratio = scale / zoom.scale;
  const keep = (at, before, side) => Math.min(0, Math.max(side * (1 - scale), at - (at - before) * ratio));
  zoom = {scale, x: keep(cx - left, zoom.x, width), y: keep(cy - top, zoom.y, height)};
  showZoom();
}

function panBy(dx, dy) {
  const keep = (at, side) => Math.min(0, Math.max(side * (1 - zoom.scale), at));
  zoom = {scale: zoom.scale, x: keep(zoom.x + dx, stage.offsetWidth), y: keep(zoom.y + dy, stage.offsetHeight)};
  showZoom();
}

function fullScreen() {
  const entering = !root.classList.contains('full');
  root.classList.toggle('full', entering);
  // Where the browser has no full screen (a phone), the class alone covers the window.
  if (entering) root.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement === root) document.exitFullscreen();
  leftFullScreen(entering);
}

function leftFullScreen(full) {
  root.classList.toggle('full', full);
  document.documentElement.classList.toggle('painting', full);
  $('[data-act=full]').setAttribute('aria-pressed', full);
  zoom = {scale: 1, x: 0, y: 0};
  showZoom();
  fit();
}

// ---- words ------------------------------------------------------------------------------------

const nameOf = (label) => classes.find(({id}) => id === label)?.name ?? 'nothing';

function titleOf(label, id) {
  const number = id - label * 1000;
  return id !== null && id !== label && number >= 0 && number < 1000 ? `${nameOf(label)} ${number + 1}` : nameOf(label);
}

function describe(text) {
  $('.state').textContent = text ?? notice ?? titleOf(active, instance);
}

function showLegend() {
  $('.legend').replaceChildren(...classes.map(({id, name, color}, place) => {
    const button = document.createElement('button'), swatch = document.createElement('span');
    button.type = 'button';
    button.dataset.label = id;
    button.setAttribute('role', 'radio');
    if (place < 20) button.title = `Key ${place < 10 ? '' : 'Shift and '}${(place + 1) % 10}`;
    swatch.className = 'swatch';
    swatch.style.background = `rgb(${color.join(',')})`;
    button.append(swatch, name);
    return button;
  }));
  $('.relabel select').replaceChildren(...classes.map(({id, name}) => new Option(name, id)));
  setClass(active);
}

// One stop for the Tab key; arrows go on from there.
function checkLegend(label) {
  for (const button of element.querySelectorAll('[data-label]')) {
    const checked = +button.dataset.label === label;
    button.setAttribute('aria-checked', checked);
    button.tabIndex = checked ? 0 : -1;
    if (!checked) continue;
    const row = $('.legend'), at = button.offsetLeft - row.offsetLeft;    // on a phone it is one long row
    if (at < row.scrollLeft || at + button.offsetWidth > row.scrollLeft + row.clientWidth) row.scrollLeft = at - 40;
  }
}

// Only what has an effect now is shown: sizes for pens, deeds for a selected object.
function showOptions() {
  const objects = tool === 'select', held = selected !== null && movable(selected), focused = document.activeElement;
  $('.size').hidden = !PENS.includes(tool);
  $('.fresh').hidden = !CONFIG.things || objects || ['eraser', 'eyedropper'].includes(tool) || !countable(active);
  for (const part of [$('.object'), $('.relabel')]) part.hidden = !CONFIG.things || !objects;
  for (const control of element.querySelectorAll('.object button, .relabel select')) control.disabled = !held;
  if (held) $('.relabel select').value = labelOf(selected);
  // The keys would go to nobody once what has the focus is disabled or hidden.
  if ($('.options').contains(focused) && (focused.disabled || !focused.offsetParent)) map.focus({preventScroll: true});
}

function showSelection() {
  showOptions();
  overlay();
}

// A picture under the map, which lets it through as far as the visitor likes.
function showBackdrop() {
  stage.style.backgroundImage = props.backdrop ? `url("gradio_api/file=${encodeURI(props.backdrop)}")` : '';
  $('.through').hidden = !props.backdrop;
  showThrough();
}

function showThrough() {
  const share = +$('.through input').value;
  map.style.opacity = props.backdrop ? 1 - share / 100 : 1;
  $('.through output').textContent = `${share} %`;
}
