// What part of a picture is seen: {scale, x, y}, the source point (x, y) in the middle of the frame
// as shares of the picture's sides. Every pane shows one view, so all show the same source point.

const LARGEST = 16;
const WHOLE = {scale: 1, x: .5, y: .5};

// Never beyond the picture's edge.
function held({scale, x, y}) {
  const s = Math.min(LARGEST, Math.max(1, scale)), half = .5 / s;
  const inside = (at) => Math.min(1 - half, Math.max(half, at));
  return {scale: s, x: inside(x), y: inside(y)};
}

// The source point under (px, py), shares of the frame.
const sourceAt = (view, px, py) => [view.x + (px - .5) / view.scale, view.y + (py - .5) / view.scale];

// Closer by a factor, the source point under (px, py) staying where it is.
function zoomedAt(view, px, py, factor) {
  const [x, y] = sourceAt(view, px, py);
  const scale = Math.min(LARGEST, Math.max(1, view.scale * factor));
  return held({scale, x: x - (px - .5) / scale, y: y - (py - .5) / scale});
}

// Moved along with a hand that went (dx, dy), shares of the frame.
const movedBy = (view, dx, dy) => held({...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale});

// For a picture as large as its frame, with its origin in the corner.
const transformOf = ({scale, x, y}) => `translate(${(.5 - x * scale) * 100}%, ${(.5 - y * scale) * 100}%) scale(${scale})`;

// As many columns as fit, as few as make the same number of rows: no row is nearly empty.
function columnsFor(count, width) {
  const most = Math.max(1, Math.min(count, Math.floor(width / (width < 640 ? 150 : 320))));
  return Math.ceil(count / Math.ceil(count / most));
}
