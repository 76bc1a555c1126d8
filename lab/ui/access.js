() => {
  // What Gradio 6 leaves without a role or a name for screen readers, found by axe-core: boxes of
  // pictures and plots that are still empty, and examples, which are buttons around a picture.
  const named = (button) => button.textContent.trim() || button.hasAttribute('aria-label');
  const stem = (address) => decodeURIComponent(address.split('/').pop()).replace(/\.[a-z]+$/, '');

  function mend() {
    for (const box of document.querySelectorAll('.empty[aria-label]:not([role])')) box.setAttribute('role', 'img');
    for (const button of document.querySelectorAll('button.gallery-item')) {
      const picture = button.querySelector('img');
      if (picture && !named(button)) button.setAttribute('aria-label', stem(picture.src).replaceAll('-', ' '));
    }
  }

  // At once, not with the next frame: nobody shall meet a box between the two.
  mend();
  new MutationObserver(mend).observe(document.body, {childList: true, subtree: true});
}
