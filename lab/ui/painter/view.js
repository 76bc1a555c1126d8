// How the painter looks: the map in the colours of its classes, marks over it, words beside it.
// In scope besides grid.js: the state of painter.js, which is declared after this file.

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

function outline(id) {
  const {width, height, instances} = grid;
  marks.fillStyle = '#fff';
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (instances[i] !== id) continue;
      const border = !x || !y || x === width - 1 || y === height - 1 || instances[i - 1] !== id || instances[i + 1] !== id
        || instances[i - width] !== id || instances[i + width] !== id;
      if (border) marks.fillRect(x - .5, y - .5, 2, 2);
    }
  }
}

function overlay() {
  marks.clearRect(0, 0, over.width, over.height);
  if (selected !== null) outline(selected);
  const line = Math.max(1.5, grid.width / 400);
  marks.lineWidth = line;
  marks.strokeStyle = '#fff';
  marks.shadowColor = '#000';
  marks.shadowBlur = line;
  if (corners.length) {
    marks.beginPath();
    corners.forEach(([x, y], i) => i ? marks.lineTo(x, y) : marks.moveTo(x, y));
    if (hover) marks.lineTo(hover[0], hover[1]);
    marks.stroke();
    for (const [x, y] of corners) marks.strokeRect(x - line, y - line, 2 * line, 2 * line);
  } else if (hover && (tool === 'brush' || tool === 'eraser')) {
    marks.beginPath();
    marks.arc(hover[0], hover[1], radius(), 0, 2 * Math.PI);
    marks.stroke();
  }
  marks.shadowBlur = 0;
}

function describe(text) {
  const {name} = classes.find(({id}) => id === active) ?? classes[0];
  const number = instance !== null && instance !== active ? ` ${instance - active * 1000 + 1}` : '';
  $('.state').textContent = text ?? `${name}${number}`;
}

function showLegend() {
  $('.legend').replaceChildren(...classes.map(({id, name, color}) => {
    const button = document.createElement('button'), swatch = document.createElement('span');
    button.type = 'button';
    button.dataset.label = id;
    button.setAttribute('role', 'radio');
    swatch.className = 'swatch';
    swatch.style.background = `rgb(${color.join(',')})`;
    button.append(swatch, name);
    return button;
  }));
  setClass(active);
}
