// What leaves the painter as a file or a link and comes back: id maps as PNG, whole projects as
// JSON. Nothing of it goes to a server to be kept.

const LINK_LENGTH = 16000;           // characters; longer links are cut by chats and mails
const MOST_UNPACKED = 32 << 20;      // bytes a link or a saved drawing may unfold to
const LINK = '#drawing=';

async function squeeze(bytes, format) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream(format))).arrayBuffer());
}

// ---- PNG --------------------------------------------------------------------------------------

function crc(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let k = 0; k < 8; k++) sum = sum >>> 1 ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

function chunk(name, data) {
  const bytes = new Uint8Array(12 + data.length), numbers = new DataView(bytes.buffer);
  numbers.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(data, 8);
  numbers.setUint32(8 + data.length, crc(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

// A grey PNG of ids, 8 bits of a Uint8Array, 16 of a Uint16Array.
async function png(ids, width, height) {
  const depth = ids.BYTES_PER_ELEMENT, rows = new Uint8Array(height * (width * depth + 1));
  for (let y = 0, at = 0, i = 0; y < height; y++) {
    at++;                              // filter 0: the row as it is
    for (let x = 0; x < width; x++, i++) {
      if (depth === 2) rows[at++] = ids[i] >> 8;
      rows[at++] = ids[i] & 255;
    }
  }
  const header = new Uint8Array(13), numbers = new DataView(header.buffer);
  numbers.setUint32(0, width);
  numbers.setUint32(4, height);
  header[8] = 8 * depth;
  const parts = [new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', header), chunk('IDAT', await squeeze(rows, 'deflate')), chunk('IEND', new Uint8Array())];
  return new Blob(parts, {type: 'image/png'});
}

// ---- projects ---------------------------------------------------------------------------------

// Everything that brings the drawing and its photograph back; Python reads it (lab/ui/draw_projects.py).
function project({short = false} = {}) {
  const {checkpoint = null, looks = null} = props.kept ?? {}, {w, h, labels, instances} = value();
  const drawing = short && preset !== null ? {w, h, preset} : {w, h, labels, instances, preset};
  return {atelier: 1, domain: domainName, checkpoint, looks, drawing};
}

async function packed(given) {
  const bytes = await squeeze(new TextEncoder().encode(JSON.stringify(given)), 'deflate-raw');
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const parts = [];
  for (let size = 0, part; !(part = await reader.read()).done;) {
    size += part.value.length;
    if (size > MOST_UNPACKED) throw new Error('too large');
    parts.push(part.value);
  }
  return JSON.parse(await new Blob(parts).text());
}

// Where the drawing comes from that is about to stand instead of the first one.
let opening = null;  // 'link', 'file', 'kept'

function open(given, from) {
  notice = null;
  opening = from;
  props.value = {...value(), opened: given};
  startLine();
  trigger('open');
}

function download(name, blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  describe(`${name} saved`);
}

const FILES = {
  labels: async () => download(`${domainName}-labels.png`, await png(grid.labels, grid.width, grid.height)),
  instances: async () => download(`${domainName}-instances.png`, await png(grid.instances, grid.width, grid.height)),
  project: async () => download(`${domainName}-drawing.json`, new Blob([JSON.stringify(project())], {type: 'application/json'})),
  load: async () => $('.chosen').click(),
  link: shareLink,
};

async function shareLink() {
  const link = location.href.split('#')[0] + LINK + await packed(project({short: true})), field = $('.link input');
  if (link.length > LINK_LENGTH) { describe('too detailed for a link; save the project instead'); return; }
  $('.link').hidden = false;
  field.value = link;
  field.focus();
  field.select();
  try { await navigator.clipboard.writeText(link); describe('link copied'); } catch { describe('copy the link above'); }
}

$('.chosen').addEventListener('change', async (event) => {
  const [file] = event.target.files;
  event.target.value = '';
  try {
    const given = JSON.parse(await file.text());
    if (!given?.drawing) throw new Error('no drawing');
    open(given, 'file');
  } catch { describe(`${file.name} is no saved project; choose a .json saved here`); }
});

// ---- links ------------------------------------------------------------------------------------

// A drawing in the address of the page, once.
function linked() {
  if (!CONFIG.keeps || !location.hash.startsWith(LINK)) return null;
  const text = location.hash.slice(LINK.length);
  window.history.replaceState(null, '', location.href.split('#')[0]);
  return unpacked(text).then((given) => { if (!given?.drawing) throw new Error('no drawing'); return given; });
}

// A link pasted into the open page. Where another tab is shown, ours is first, and the link is read
// once it is: what the tab takes from the others then would else replace the drawing of the link.
function pasted() {
  const tab = document.getElementById(`${element.closest('[role=tabpanel]')?.id}-button`);
  if (location.hash.startsWith(LINK) && tab?.getAttribute('aria-selected') === 'false') tab.click();
  else openLink(linked());
}

// What is said of a link stays until the visitor does something: drawings come meanwhile by themselves.
let notice = null;

function sayOfLink(text) {
  notice = text;
  describe(text);
  for (const deed of ['pointerdown', 'keydown']) document.addEventListener(deed, () => { notice = null; }, {once: true, capture: true});
}

// Opens it; `otherwise`: what follows where there is none in it.
function openLink(link, otherwise = () => {}) {
  link?.then((given) => open(given, 'link'), () => { otherwise(); sayOfLink('this link holds no drawing'); });
}
