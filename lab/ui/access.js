() => {
  // What Gradio 6 leaves without a role or a name for screen readers, found by axe-core: boxes of
  // pictures and plots that are still empty, and examples, which are buttons around a picture.
  const named = (button) => button.textContent.trim() || button.hasAttribute('aria-label');
  const stem = (address) => decodeURIComponent(address.split('/').pop()).replace(/\.[a-z]+$/, '');

  // Gradio names the pictures of a gallery by their places, which hides what they show.
  const set = (each, name, said) => { if (each.getAttribute(name) !== said) each.setAttribute(name, said); };

  function names(button) {
    const picture = button.querySelector('img'), caption = button.querySelector('.caption-label')?.textContent.trim();
    const file = picture && stem(picture.src), digest = /[0-9a-f]{12}/.test(file);   // says nothing to anybody
    const said = caption || (!digest && file?.replaceAll('-', ' '));
    if (said) set(button, 'aria-label', said);
    set(button, 'aria-pressed', String(button.classList.contains('selected')));
  }

  // The divider between two pictures follows a mouse or a finger alone: here it is a slider with keys.
  const STEPS = {ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -25, PageUp: 25, Home: -100, End: 100};

  function share(bar) {
    const [own, frame] = [bar.getBoundingClientRect(), bar.parentElement.getBoundingClientRect()];
    return Math.min(100, Math.max(0, 100 * (own.x + own.width / 2 - frame.x) / frame.width));
  }

  function tell(bar) {
    bar.setAttribute('aria-valuenow', Math.round(share(bar)));
    bar.setAttribute('aria-valuetext', `left picture on ${Math.round(share(bar))} % of the width`);
  }

  function moved(event) {
    const [bar, step] = [event.currentTarget, STEPS[event.key]];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const frame = bar.parentElement.getBoundingClientRect();
    const to = Math.min(100, Math.max(0, share(bar) + (event.shiftKey ? Math.sign(step) : step)));
    const at = {clientX: frame.x + frame.width * to / 100, clientY: frame.y + frame.height / 2};
    bar.dispatchEvent(new MouseEvent('mousedown', {...at, view: window, bubbles: true, cancelable: true}));
    window.dispatchEvent(new MouseEvent('mouseup', {...at, view: window}));
    requestAnimationFrame(() => tell(bar));
  }

  function slides(bar) {
    const said = {role: 'slider', tabindex: 0, 'aria-label': 'Divider between the two pictures', 'aria-valuemin': 0, 'aria-valuemax': 100};
    for (const [name, value] of Object.entries(said)) bar.setAttribute(name, value);
    tell(bar);
    bar.addEventListener('focus', () => tell(bar));
    bar.addEventListener('keydown', moved);
  }

  function mend() {
    for (const bar of document.querySelectorAll('[data-testid="slider"][role="none"]')) slides(bar);
    for (const box of document.querySelectorAll('.empty[aria-label]:not([role])')) box.setAttribute('role', 'img');
    document.querySelectorAll('button.thumbnail-item').forEach(names);
    for (const button of document.querySelectorAll('button.gallery-item')) {
      const picture = button.querySelector('img');
      if (picture && !named(button)) button.setAttribute('aria-label', stem(picture.src).replaceAll('-', ' '));
    }
  }

  // At once, not with the next frame: nobody shall meet a box between the two.
  mend();
  const told = {attributes: true, attributeFilter: ['aria-label', 'class', 'src']};
  new MutationObserver(mend).observe(document.body, {childList: true, subtree: true, ...told});
}
