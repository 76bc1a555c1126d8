// Objects as pieces of the map: lifted out, put down elsewhere, scaled, closed, outlined.
// A piece is {id, rect, mask, labels}: which pixels of the rectangle are the object's, and what
// they say. The map is flat, so what an object covers is gone once it rests there.

function boundsOf({width, height, instances}, id) {
  let x0 = width, y0 = -1, x1 = 0, y1 = 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (instances[i] !== id) continue;
      if (x < x0) x0 = x;
      if (x >= x1) x1 = x + 1;
      if (y0 < 0) y0 = y;
      y1 = y + 1;
    }
  }
  return y0 < 0 ? null : [x0, y0, x1, y1];
}

function pieceOf(grid, id) {
  const rect = boundsOf(grid, id);
  if (!rect) return null;
  const side = rect[2] - rect[0], mask = new Uint8Array(side * (rect[3] - rect[1])), labels = new Uint8Array(mask.length);
  let area = 0;
  for (let y = rect[1], at = 0; y < rect[3]; y++) {
    for (let x = rect[0], i = y * grid.width + x; x < rect[2]; x++, i++, at++) {
      if (grid.instances[i] !== id) continue;
      mask[at] = 1;
      labels[at] = grid.labels[i];
      area++;
    }
  }
  return {id, rect, mask, labels, area};
}

// What an object leaves behind: every pixel takes the ids of the nearest neighbour of the hole, so
// a road closes under a car and a wall behind a tree. Neighbours are stuff and larger objects of
// another class, because a person beside the car should not spread into its place; where the hole
// touches none, any neighbour; where it is the whole map, the blank ground. `stuff(label)` says
// whether a class has no separate objects.
function closeHole(grid, piece, ground, stuff) {
  const {labels, instances} = grid, hole = pixelsOf(grid, piece), open = new Uint8Array(labels.length);
  for (const i of hole) open[i] = 1;
  const own = labels[hole[0]], areas = new Uint32Array(65536);
  for (let i = 0; i < instances.length; i++) areas[instances[i]]++;
  const large = (i) => labels[i] !== own && (stuff(labels[i]) || areas[instances[i]] > piece.area);
  let front = border(grid, hole, open, large);
  if (!front.length) front = border(grid, hole, open, () => true);
  for (let at = 0; at < front.length; at += 2) {
    const i = front[at], from = front[at + 1];
    if (!open[i]) continue;
    open[i] = 0;
    labels[i] = labels[from];
    instances[i] = instances[from];
    eachNeighbour(grid, i, (next) => { if (open[next]) front.push(next, i); });
  }
  for (const i of hole) if (open[i]) { labels[i] = ground.labels[i]; instances[i] = ground.instances[i]; }
}

// The pixels of a piece, row by row, as places in the grid.
function pixelsOf({width}, {rect, mask, area}) {
  const found = new Uint32Array(area), side = rect[2] - rect[0];
  for (let at = 0, n = 0; at < mask.length; at++) if (mask[at]) found[n++] = (rect[1] + Math.floor(at / side)) * width + rect[0] + at % side;
  return found;
}

function eachNeighbour({width, labels}, i, visit) {
  const x = i % width;
  if (i >= width) visit(i - width);
  if (i + width < labels.length) visit(i + width);
  if (x > 0) visit(i - 1);
  if (x < width - 1) visit(i + 1);
}

// Pairs (pixel of the hole, neighbour outside that it may take its ids from).
function border(grid, hole, open, allowed) {
  const pairs = [];
  for (const i of hole) eachNeighbour(grid, i, (n) => { if (!open[n] && allowed(n)) pairs.push(i, n); });
  return pairs;
}

// The piece put down in a rectangle, scaled to it by pixel centres; what lies outside the map is
// cut off. `id` and `label` replace its own where given. Returns the rectangle that changed.
function imprint(grid, piece, rect, {id = piece.id, label = null} = {}) {
  const {width, height} = grid, [left, top, right, bottom] = rect;
  const side = piece.rect[2] - piece.rect[0], rows = piece.rect[3] - piece.rect[1];
  const x0 = Math.max(0, left), x1 = Math.min(width, right), y0 = Math.max(0, top), y1 = Math.min(height, bottom);
  for (let y = y0; y < y1; y++) {
    const row = Math.floor((y + .5 - top) * rows / (bottom - top)) * side;
    for (let x = x0; x < x1; x++) {
      const at = row + Math.floor((x + .5 - left) * side / (right - left));
      if (!piece.mask[at]) continue;
      grid.labels[y * width + x] = label ?? piece.labels[at];
      grid.instances[y * width + x] = id;
    }
  }
  return [x0, y0, Math.max(x0, x1), Math.max(y0, y1)];
}

// In front of what cuts into it: every pixel between two of the object's own, in its row or its
// column, becomes its own. Hidden parts are not remembered, so this is what "forward" can mean.
function closeGaps(grid, piece, label) {
  const {rect: [x0, y0, x1, y1], mask, id} = piece, side = x1 - x0, rows = y1 - y0, filled = mask.slice();
  const span = (start, step, count) => {
    let first = -1, last = -1;
    for (let k = 0; k < count; k++) if (mask[start + k * step]) { if (first < 0) first = k; last = k; }
    for (let k = Math.max(0, first); k <= last; k++) filled[start + k * step] = 1;
  };
  for (let y = 0; y < rows; y++) span(y * side, 1, side);
  for (let x = 0; x < side; x++) span(x, side, rows);
  let taken = 0;
  for (let at = 0; at < filled.length; at++) {
    if (!filled[at] || mask[at]) continue;
    const i = (y0 + Math.floor(at / side)) * grid.width + x0 + at % side;
    grid.labels[i] = label;
    grid.instances[i] = id;
    taken++;
  }
  return taken;
}

// The edge of an object as line segments [x, y, x, y] between pixels, as long as they can be.
function edgesOf({width, height, instances}, id, rect) {
  const [x0, y0, x1, y1] = rect, lines = [];
  const own = (x, y) => x >= 0 && y >= 0 && x < width && y < height && instances[y * width + x] === id;
  for (let y = y0; y <= y1; y++) {
    for (let x = x0, start = -1; x <= x1; x++) {
      const edge = x < x1 && own(x, y) !== own(x, y - 1);
      if (edge && start < 0) start = x;
      if (!edge && start >= 0) { lines.push([start, y, x, y]); start = -1; }
    }
  }
  for (let x = x0; x <= x1; x++) {
    for (let y = y0, start = -1; y <= y1; y++) {
      const edge = y < y1 && own(x, y) !== own(x - 1, y);
      if (edge && start < 0) start = y;
      if (!edge && start >= 0) { lines.push([x, start, x, y]); start = -1; }
    }
  }
  return lines;
}
