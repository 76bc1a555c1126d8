// Ids of a label map and how shapes are drawn into them. No page, no canvas: typed arrays only.
// A grid is {width, height, labels: Uint8Array, instances: Uint16Array}; `put(i)` writes pixel i.

function makeGrid(width, height) {
  const pixels = width * height;
  return {width, height, labels: new Uint8Array(pixels), instances: new Uint16Array(pixels)};
}

// [3, 3, 3, 7] -> [3, 3, 7, 1]: pairs of a value and how often it repeats.
function toRuns(ids) {
  const runs = [];
  let value = ids[0], length = 1;
  for (let i = 1; i < ids.length; i++) {
    if (ids[i] === value) { length++; continue; }
    runs.push(value, length);
    value = ids[i];
    length = 1;
  }
  runs.push(value, length);
  return runs;
}

// Text is what Gradio carries fastest; drawings saved earlier hold lists.
const asText = (runs) => runs.join(' ');
const asRuns = (sent) => typeof sent === 'string' ? sent.split(' ').map(Number) : sent;

function fromRuns(runs, ids) {
  let at = 0;
  for (let i = 0; i < runs.length; i += 2) {
    ids.fill(runs[i], at, at + runs[i + 1]);
    at += runs[i + 1];
  }
}

// A stroke from a to b with round ends of radius r; the pixels that a and b are in are part of it, since
// the thinnest pen may touch the centre of none. Returns the touched rectangle.
function capsule(grid, a, b, r, put) {
  const {width, height} = grid;
  const x0 = Math.max(0, Math.floor(Math.min(a[0], b[0]) - r)), x1 = Math.min(width, Math.ceil(Math.max(a[0], b[0]) + r) + 1);
  const y0 = Math.max(0, Math.floor(Math.min(a[1], b[1]) - r)), y1 = Math.min(height, Math.ceil(Math.max(a[1], b[1]) + r) + 1);
  const dx = b[0] - a[0], dy = b[1] - a[1], length = dx * dx + dy * dy || 1e-9;
  const [[ax, ay], [bx, by]] = [a, b].map((end) => end.map(Math.floor));
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const along = ((x + .5 - a[0]) * dx + (y + .5 - a[1]) * dy) / length;
      const t = Math.min(1, Math.max(0, along));
      const ex = x + .5 - a[0] - t * dx, ey = y + .5 - a[1] - t * dy;
      if (ex * ex + ey * ey <= r * r || (x === bx && y === by) || (x === ax && y === ay)) put(y * width + x);
    }
  }
  return [x0, y0, x1, y1];
}

// The connected region of (x, y) with one label and one instance; 4-neighbours, span by span.
// Visited pixels are marked, so `put` may write the very value the region has. Like every shape
// below it returns the rectangle [x0, y0, x1, y1] outside of which nothing changed.
function flood(grid, x, y, put) {
  const {width, height, labels, instances} = grid, start = y * width + x;
  const label = labels[start], instance = instances[start];
  const seen = new Uint8Array(labels.length), stack = [start];
  const inside = (i) => !seen[i] && labels[i] === label && instances[i] === instance;
  while (stack.length) {
    const i = stack.pop();
    if (!inside(i)) continue;
    const row = i - i % width;
    let left = i, right = i;
    while (left > row && inside(left - 1)) left--;
    while (right < row + width - 1 && inside(right + 1)) right++;
    for (let k = left; k <= right; k++) seen[k] = 1;
    for (const next of [-width, width]) {
      if (left + next < 0 || left + next >= labels.length) continue;
      for (let k = left + next, open = false; k <= right + next; k++) {
        const free = inside(k);
        if (free && !open) stack.push(k);
        open = free;
      }
    }
  }
  let x0 = width, x1 = 0, y0 = -1, y1 = 0;
  for (let y = 0, i = 0; y < grid.height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!seen[i]) continue;
      put(i);
      if (x < x0) x0 = x;
      if (x >= x1) x1 = x + 1;
      if (y0 < 0) y0 = y;
      y1 = y + 1;
    }
  }
  return [x0, y0, x1, y1];
}

// Even-odd filling of a polygon at pixel centres.
function fillPolygon(grid, corners, put) {
  const {width, height} = grid;
  const bounds = within(grid, corners);
  for (let y = bounds[1]; y < bounds[3]; y++) {
    const centre = y + .5, crossings = [];
    corners.forEach(([xa, ya], i) => {
      const [xb, yb] = corners[(i + 1) % corners.length];
      if ((ya > centre) !== (yb > centre)) crossings.push(xa + (centre - ya) / (yb - ya) * (xb - xa));
    });
    crossings.sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const from = Math.max(0, Math.ceil(crossings[k] - .5)), to = Math.min(width, Math.ceil(crossings[k + 1] - .5));
      for (let x = from; x < to; x++) put(y * width + x);
    }
  }
  return bounds;
}

// The pixels whose centres lie between two opposite corners.
function fillRectangle(grid, a, b, put) {
  return fillPolygon(grid, [a, [b[0], a[1]], b, [a[0], b[1]]], put);
}

// The pixels whose centres lie in the ellipse that touches the rectangle of two opposite corners.
function fillEllipse(grid, a, b, put) {
  const bounds = within(grid, [a, b]);
  const cx = (a[0] + b[0]) / 2, cy = (a[1] + b[1]) / 2, rx = Math.abs(a[0] - b[0]) / 2 || 1e-9, ry = Math.abs(a[1] - b[1]) / 2 || 1e-9;
  for (let y = bounds[1]; y < bounds[3]; y++) {
    for (let x = bounds[0]; x < bounds[2]; x++) {
      if (((x + .5 - cx) / rx) ** 2 + ((y + .5 - cy) / ry) ** 2 <= 1) put(y * grid.width + x);
    }
  }
  return bounds;
}

// The rectangle of whole pixels around some points, inside the grid.
function within({width, height}, points) {
  const xs = points.map(([x]) => x), ys = points.map(([, y]) => y);
  const x0 = Math.max(0, Math.floor(Math.min(...xs))), y0 = Math.max(0, Math.floor(Math.min(...ys)));
  return [x0, y0, Math.max(x0, Math.min(width, Math.ceil(Math.max(...xs)))), Math.max(y0, Math.min(height, Math.ceil(Math.max(...ys))))];
}

// The rectangle around two of them; null is none.
function around(a, b) {
  if (!a || !b) return a ?? b;
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

// Instance ids: stuff has its class id, the k-th object of a countable class has class * 1000 + k.
function freeInstance(grid, label) {
  const first = label * 1000, taken = new Uint8Array(1000), {instances} = grid;
  for (let i = 0; i < instances.length; i++) {
    const k = instances[i] - first;
    if (k >= 0 && k < 1000) taken[k] = 1;
  }
  const k = taken.indexOf(0);
  return first + (k < 0 ? 999 : k);
}
