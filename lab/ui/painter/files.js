// What leaves the painter as a file or a link and comes back: id maps as PNG, whole projects as
// JSON, the last drawing in the browser's own storage. Nothing of it goes to a server to be kept.

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

// Everything that brings the drawing and its photograph back; Python reads it (lab/ui/projects.py).
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

// The first drawing of the page, and where the one comes from that is about to stand instead of it.
let first = null, opening = null;  // 'link', 'file', 'kept'

function open(given, from) {
  opening = from;
  root.dataset.busy = '';
  props.value = {...value(), opened: given};
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

// ---- the last drawing, in this browser --------------------------------------------------------

const storeKey = () => `atelier:${domainName}`;
let saving = null, offered = null;
let borrowed = false;  // the drawing is out of a link, and the visitor has painted nothing on it
let warned = false;

function autosave() {
  if (!CONFIG.keeps || !edited || borrowed) return;
  clearTimeout(saving);
  saving = setTimeout(save, 700);
}

// Storage may be full, forbidden or absent: drawing goes on without it, and that is said once.
async function save() {
  dropSave();
  const key = storeKey(), given = project();   // as it is now: packing takes a while
  try { localStorage.setItem(key, JSON.stringify({time: Date.now(), drawing: await packed(given)})); } catch {
    if (!warned) describe('this browser cannot keep the drawing, its storage is full or off; save the project instead');
    warned = true;
  }
}

// What still waits to be kept is kept before another drawing takes its place on the map.
async function flush() { if (saving !== null) await save(); }

function dropSave() {
  clearTimeout(saving);
  saving = null;
}

// What the looks are now; once they were changed the drawing is worth keeping, painted on or not.
// Those of another checkpoint are no change of the visitor's.
function keep() {
  const {checkpoint = null, looks = null} = props.kept ?? {}, now = JSON.stringify(looks), {last} = keep;
  edited ||= loaded && last?.checkpoint === checkpoint && last.looks !== now;
  keep.last = {checkpoint, looks: now};
  autosave();
}

// A drawing that was asked for is there. One out of a link is not the visitor's: what was drawn
// before stays kept, and is offered beside it.
function arrived() {
  borrowed = opening === 'link';
  opening = null;
  if (borrowed) flush().then(offer);
}

function offer() {
  let kept = null;
  try { kept = CONFIG.keeps && JSON.parse(localStorage.getItem(storeKey())); } catch { /* nothing to offer */ }
  offered = kept && typeof kept.drawing === 'string' ? kept : null;
  showOffer(false);
}

// `back`: it stands on the map already, and can only be given up.
function showOffer(back) {
  $('.offer').hidden = !offered;
  if (!offered) return;
  const when = new Date(offered.time).toLocaleString([], {month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit'});
  $('.offer span').textContent = `Your drawing of ${when}, kept in this browser alone.`;
  $('[data-act=restore]').hidden = back;
  $('[data-act=forget]').textContent = back ? 'Start afresh' : 'Forget it';
}

// When the page comes again, so does what was drawn on it last.
async function bringBack() {
  opening = 'kept';
  try { open(await unpacked(offered.drawing), 'kept'); showOffer(true); } catch { unopened(); }
}

function forget() {
  try { localStorage.removeItem(storeKey()); } catch { /* it was not kept */ }
  offered = null;
  showOffer(false);
}

function answerOffer(restore) {
  const back = $('[data-act=restore]').hidden;
  if (restore) bringBack();
  else forget();
  $('.offer').hidden = true;
  if (restore || !back) return;
  load({...first, again: true});
  dropSave();
  edited = borrowed = false;
}

// What was to be opened could not be: the drawing there is goes on.
function unopened() {
  if (opening === 'kept') forget();
  opening = null;
  if (loaded || !first) send();
  else load({...first, again: true});
}

// A drawing in the address of the page, once.
function linked() {
  if (!CONFIG.keeps || !location.hash.startsWith(LINK)) return null;
  const text = location.hash.slice(LINK.length);
  window.history.replaceState(null, '', location.href.split('#')[0]);
  return unpacked(text).then((given) => { if (!given?.drawing) throw new Error('no drawing'); return given; });
}

// Opens it; `otherwise`: what follows where there is none in it.
function openLink(link, otherwise = () => {}) {
  link?.then((given) => open(given, 'link'), () => { otherwise(); describe('this link holds no drawing'); });
}
