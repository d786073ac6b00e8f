// Runs in the page before anything of it, brought by the browser's own debugger.

/** Resolves when everything is drawn and the thread has come to rest, with the milliseconds since the navigation began. */
globalThis.interactive = new Promise((done) => {
  const seen = new MutationObserver(() => {
    if (!document.querySelector('#recording') || !document.querySelector('.lanes canvas')) return;
    seen.disconnect();
    requestAnimationFrame(() => requestIdleCallback(() => done(performance.now())));
  });
  seen.observe(document, { childList: true, subtree: true });
});

const press = (element, key) => element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));

/** What is moved in the i-th frame. */
const MOVES = {
  timeline: (element, i) => press(element, 'wwddddaaaass'[i % 12]),
  flame(element, i) {
    const box = element.getBoundingClientRect();
    const clientX = box.left + box.width * (0.5 + 0.45 * Math.sin(i / 9));
    const at = { clientX, clientY: box.top + 21 * (1.5 + (i % 8)), bubbles: true };
    element.dispatchEvent(new MouseEvent('mousemove', at));
    if (i % 20 === 10) element.dispatchEvent(new MouseEvent('click', at));
    if (i % 20 === 19) press(element, 'Escape');
  },
  scroll(_, i) {
    const share = Math.abs((i % 400) - 200) / 200;
    scrollTo({ top: share * (document.documentElement.scrollHeight - innerHeight), behavior: 'instant' });
  },
};

/** Moves something in every frame for `forMs`; resolves with frames per second. */
globalThis.framesPerS = (what, selector, forMs) =>
  new Promise((done) => {
    const element = document.querySelector(selector);
    let frames = 0;
    let beganMs = 0;
    const frame = (nowMs) => {
      beganMs ||= nowMs;
      if (nowMs - beganMs >= forMs) {
        done((frames / (nowMs - beganMs)) * 1000);
        return;
      }
      MOVES[what](element, frames++);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
