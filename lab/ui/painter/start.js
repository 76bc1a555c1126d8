// The painter begins: what the page has is put on the map, and everything that can happen is heard.

element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button || button.disabled) return;
  const {tool: name, act: deed, label, object, file} = button.dataset;
  if (name) setTool(name);
  else if (deed) act(deed);
  else if (label) setClass(+label);
  else if (object) onObject(object);
  else if (file) { toggle('files', $('.menu'), false); FILES[file](); }
});

const PANELS = [['files', $('.menu')], ['keys', $('.keys')]];
root.addEventListener('keydown', (event) => {
  const [name, panel] = PANELS.find(([, each]) => !each.hidden) ?? [];
  if (event.key === 'Escape' && panel) { toggle(name, panel, false); $(`[data-act=${name}]`).focus(); }
  else if (event.key === 'Escape' && root.classList.contains('full')) fullScreen();
});
// A click beside an open panel closes it; one on its own button does so by itself.
root.addEventListener('pointerdown', (event) => {
  for (const [name, panel] of PANELS) if (!panel.contains(event.target) && !event.target.closest(`[data-act=${name}]`)) toggle(name, panel, false);
});

$('.legend').addEventListener('keydown', (event) => {
  const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
  if (!step) return;
  event.preventDefault();
  const place = classes.findIndex(({id}) => id === active);
  setClass(classes[(place + step + classes.length) % classes.length].id);
  $('.legend [aria-checked=true]').focus();
});

$('.size input').addEventListener('input', (event) => setSize(event.target.value));
$('.through input').addEventListener('input', showThrough);
$('.relabel select').addEventListener('change', (event) => relabel(+event.target.value));
new ResizeObserver(() => fit()).observe(wrap);

// A click in the photograph is a click at the same place of the map. Gradio's own image events
// measure enlarged pictures wrongly, so the page's clicks are taken.
function selectInPicture(event) {
  const picture = event.target.closest?.(CONFIG.picture)?.querySelector('img');
  if (event.target !== picture || !picture.naturalWidth) return;
  const box = picture.getBoundingClientRect();
  const scale = Math.min(box.width / picture.naturalWidth, box.height / picture.naturalHeight);
  const x = (event.clientX - box.left - box.width / 2) / scale / picture.naturalWidth + .5;
  const y = (event.clientY - box.top - box.height / 2) / scale / picture.naturalHeight + .5;
  if (x >= 0 && x < 1 && y >= 0 && y < 1) pickAt([x * grid.width, y * grid.height]);
}

if (!CONFIG.things) {
  for (const only of element.querySelectorAll('.things')) only.hidden = true;
  const first = classes[0].name;
  $('[data-tool=eraser]').title = `Eraser (E): brings back ${first}`;
  $('[data-act=clear]').title = `${first} everywhere`;
  map.setAttribute('aria-label', 'Map of regions');
}
for (const only of element.querySelectorAll('.keeps')) only.hidden = !CONFIG.keeps;
$('.through input').value = CONFIG.through;

setPalette();
resize(CONFIG.width, CONFIG.height);
grid.labels.set(ground.labels);
grid.instances.set(ground.instances);
history = makeHistory(grid, CONFIG.undo);
render();
showLegend();
setTool('brush');
describe();
showSelection();
showBackdrop();
takeDomain.last = saying(CONFIG);
takeDomain();                                  // sent before there was anybody to watch for it
const fresh = !props.value || props.value.first;   // else the painter was mounted again
if (fresh) offer();

// A link is opened instead of the first drawing, and so is what was drawn here last.
const fromLink = fresh && linked();
opening = fromLink ? 'link' : offered ? 'kept' : null;
load(props.value);
if (fromLink) openLink(fromLink, unopened);
else if (offered) bringBack();

// A painter that was here before no longer listens.
globalThis.painters ??= {};
globalThis.painters[CONFIG.picture]?.abort();
const here = new AbortController();
globalThis.painters[CONFIG.picture] = here;
const listen = (target, name, heard) => target.addEventListener(name, heard, {signal: here.signal});
if (CONFIG.picture) listen(document, 'click', selectInPicture);
listen(document, 'fullscreenchange', () => {
  if (!document.fullscreenElement && root.classList.contains('full')) leftFullScreen(false);
});
listen(window, CONFIG.keeps ? 'atelier-undrawn' : 'atelier-undrawn-regions', undrawn);
if (CONFIG.keeps) {                            // no other painter sends anything to be opened
  listen(window, 'atelier-unopened', unopened);
  listen(window, 'hashchange', pasted);
  listen(window, 'atelier-shown', () => openLink(linked()));
  listen(window, 'pagehide', flush);
  listen(document, 'visibilitychange', () => { if (document.hidden) flush(); });
}

watch('value', () => load(props.value));
watch('backdrop', showBackdrop);
watch('kept', keep);
watch('sketched', sketched);
watch('drawn', drawn);
watch('selected', () => {                      // by now it may be gone
  selected = grid.instances.includes(props.selected) ? props.selected : null;
  outlined = null;
  showSelection();
});
watch('domain', takeDomain);
