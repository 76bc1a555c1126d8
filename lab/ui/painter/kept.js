// The visitor's last drawing of every domain, in this browser's own storage, and how it comes back.

const storeKey = () => `atelier:${domainName}`;
const packing = new Map();  // key → the project that is kept there once it is packed
let saving = null, offered = null;
let borrowed = false;  // the drawing is out of a link, and the visitor has painted nothing on it
let warned = false;
const firsts = new Map();   // domain → the first layout that was sent of it

function autosave() {
  if (!CONFIG.keeps || !edited || borrowed) return;
  clearTimeout(saving);
  saving = setTimeout(save, 700);
}

function save() {
  dropSave();
  const key = storeKey(), given = project();   // as it is now: packing takes a while
  packing.set(key, given);
  packed(given).catch(() => given).then((drawing) => { if (packing.get(key) === given) store(key, drawing); });
}

// Storage may be full, forbidden or absent: drawing goes on without it, and that is said once.
function store(key, drawing) {
  packing.delete(key);
  try { localStorage.setItem(key, JSON.stringify({time: Date.now(), drawing})); } catch {
    if (!warned) describe('this browser cannot keep the drawing, its storage is full or off; save the project instead');
    warned = true;
  }
}

// What is not kept yet is kept at once, as it is: another drawing takes its place on the map, or the
// page is left or hidden, may not run again, and packing would not come to its end.
function flush() {
  if (saving !== null) packing.set(storeKey(), project());
  dropSave();
  for (const [key, given] of packing) store(key, given);
}

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
  if (!borrowed) return;
  flush();
  offer();
}

function offer() {
  let kept = null;
  try { kept = CONFIG.keeps && JSON.parse(localStorage.getItem(storeKey())); } catch { /* nothing to offer */ }
  offered = kept && (typeof kept.drawing === 'string' || kept.drawing?.drawing) ? kept : null;
  showOffer(false);
}

// `back`: it stands on the map already, and can only be given up.
function showOffer(back) {
  $('.offer').hidden = !offered;
  if (!offered) return;
  const when = new Date(offered.time).toLocaleString([], {month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit'});
  $('.offer span').textContent = `Your drawing of ${when}, kept only in this browser.`;
  $('[data-act=restore]').hidden = back;
  $('[data-act=forget]').textContent = back ? 'Start afresh' : 'Delete it';
}

// When the page comes again, so does what was drawn on it last.
async function bringBack() {
  opening = 'kept';
  const {drawing} = offered;
  let given;
  try { given = typeof drawing === 'string' ? await unpacked(drawing) : drawing; } catch {
    forget();                            // nobody can ever read it
    unopened();
    return;
  }
  open(given, 'kept');
  showOffer(true);
}

function forget() {
  packing.delete(storeKey());
  try { localStorage.removeItem(storeKey()); } catch { /* it was not kept */ }
  offered = null;
  showOffer(false);
}

function keepFirst(sent) {
  const of = sent.domain ?? domainName, layout = !sent.opened && (sent.preset ?? null) !== null;
  if ((layout || sent.first) && !firsts.has(of)) firsts.set(of, sent);
}

// The domain as it began; where that was with the visitor's own drawing, its blank ground.
function afresh() {
  const begun = firsts.get(domainName);
  if (begun) load({...begun, first: true, again: true});
  else act('clear');
}

function answerOffer(restore) {
  const back = $('[data-act=restore]').hidden;
  if (restore) bringBack();
  else forget();
  $('.offer').hidden = true;
  if (restore || !back) return;
  afresh();
  dropSave();
  edited = borrowed = false;
}

// What was to be opened could not be: the drawing there is goes on. The server may be busy, or away for
// a moment, so what is kept is offered again and goes only once something else is painted.
function unopened() {
  if (opening === 'kept') offer();
  opening = null;
  if (loaded || !firsts.has(domainName)) send();
  else afresh();
}
