// What the page does on the reader's side. No library, nothing is loaded from elsewhere.
() => {
  const here = selector => document.querySelector(selector);
  const send = (name, data) => document.dispatchEvent(new CustomEvent('onrecord', { detail: { name, data } }));
  const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  const made = (tag, attributes, text) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (text !== undefined) node.textContent = text;
    return node;
  };

  // --- the address says what is shown

  const names = ['c', 'since', 'until', 'outlet', 'speaker', 'article'];
  const address = view => {
    const query = new URLSearchParams(window.location.search);
    names.forEach((name, at) => {
      query.delete(name);
      [].concat(view[at] ?? []).filter(Boolean).forEach(value => query.append(name, value));
    });
    const search = query.toString();
    window.history.replaceState(null, '', search ? `?${search}` : window.location.pathname);
  };

  // --- telling and copying

  const live = made('div', { id: 'told', role: 'status', 'aria-live': 'polite' });
  document.body.append(live);
  let quiet;
  const tell = text => {
    live.textContent = text;
    window.clearTimeout(quiet);
    quiet = window.setTimeout(() => { live.textContent = ''; }, 2500);
  };
  const copied = async text => {
    try {
      await window.navigator.clipboard.writeText(text);
    } catch {
      const area = made('textarea', { 'aria-hidden': 'true', class: 'offscreen' });
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    tell('Copied');
  };

  // --- asking

  const box = () => here('#question textarea, #question input');
  const write = text => {
    const area = box();
    const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(area), 'value').set;
    set.call(area, text);
    area.dispatchEvent(new Event('input', { bubbles: true }));
    area.focus();
  };
  const ask = text => {
    if (!here('#ask')) { tell('An answer is being made. Stop it first.'); return; }
    write(text);
    window.setTimeout(() => here('#ask')?.click(), 30);
  };

  // --- the reader

  const reader = made('aside', { id: 'reader', 'aria-label': 'Article', hidden: '' });
  const bar = made('div', { class: 'bar' });
  const step = (name, label, hint) =>
    made('button', { type: 'button', class: 'act', 'data-act': name, 'aria-label': hint }, label);
  bar.append(
    step('prev', '← Previous', 'Previous quotation'),
    step('next', 'Next →', 'Next quotation'),
    step('close', 'Close', 'Close the article'),
  );
  const leaf = made('div', { class: 'leaf', tabindex: '0' });
  reader.append(bar, leaf);
  document.body.append(reader);
  let list = [], at = -1, back = null, opened = 0;

  const placed = node => ({ article: node.dataset.article, start: node.dataset.start, end: node.dataset.end });
  const same = (one, other) => ['article', 'start', 'end'].every(name => one[name] === other[name]);
  const open = async (place, places, from) => {
    if (reader.hidden) back = from ?? document.activeElement;
    const mine = ++opened;
    list = places.length ? places : [place];
    at = list.findIndex(each => same(each, place));
    reader.hidden = false;
    document.body.classList.add('reading');
    leaf.setAttribute('aria-busy', 'true');
    const query = new URLSearchParams({ id: place.article, start: place.start ?? 0, end: place.end ?? 0 });
    let text;
    try {
      const found = await fetch(`page/article?${query}`, { headers: { Accept: 'text/html' } });
      text = await found.text();
      if (!found.ok) text = '<p class="state failed">The article could not be fetched. Reload the page.</p>';
    } catch {
      text = '<p class="state failed">The server does not answer. Is it still running?</p>';
    }
    if (mine !== opened) return; // another one was opened meanwhile
    leaf.innerHTML = text;
    leaf.removeAttribute('aria-busy');
    bar.querySelector('[data-act=prev]').disabled = at <= 0;
    bar.querySelector('[data-act=next]').disabled = at < 0 || at >= list.length - 1;
    const slice = leaf.querySelector('mark.slice');
    leaf.scrollTop = 0;
    if (slice) {
      slice.scrollIntoView({ block: 'center', behavior: still() ? 'auto' : 'smooth' });
      slice.focus({ preventScroll: true });
    } else {
      leaf.focus({ preventScroll: true });
    }
    document.querySelectorAll('.source').forEach(node => {
      node.classList.toggle('open', same(placed(node), place));
    });
  };
  const forget = () => {
    const query = new URLSearchParams(window.location.search);
    ['open', 'start', 'end'].forEach(name => query.delete(name));
    const search = query.toString();
    window.history.replaceState(null, '', search ? `?${search}` : window.location.pathname);
  };
  const close = () => {
    forget();
    reader.hidden = true;
    document.body.classList.remove('reading');
    document.querySelectorAll('.source.open').forEach(node => node.classList.remove('open'));
    back?.focus?.();
  };
  const turn = by => { if (list[at + by]) open(list[at + by], list); };
  const openFrom = node => {
    const holder = node.closest('[data-article]');
    const whole = node.closest('article.turn, ol.sources, #verdicts');
    const places = whole ? [...whole.querySelectorAll('.quote[data-n], .source')].map(placed) : [];
    open(placed(holder), places, node);
  };
  const marked = mark => {
    const whole = mark.closest('article.turn') ?? here('#current article.turn') ?? here('#past article.turn:last-child');
    return whole?.querySelector(`.quote[data-n="${CSS.escape(mark.dataset.n)}"]`);
  };

  // --- hover on [n]

  const tip = made('div', { id: 'tip', role: 'tooltip', hidden: '' });
  document.body.append(tip);
  const hover = mark => {
    const quote = marked(mark);
    if (!quote || mark.closest('blockquote') === quote) return;
    const words = made('p', { class: 'words' });
    words.append(...quote.querySelector('.words').cloneNode(true).childNodes); // with its marks
    tip.replaceChildren(
      words,
      made('p', { class: 'by' }, quote.querySelector('.who')?.textContent ?? ''),
    );
    tip.hidden = false;
    const spot = mark.getBoundingClientRect();
    const left = Math.min(spot.left, window.innerWidth - tip.offsetWidth - 16);
    const above = spot.top - tip.offsetHeight - 8;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${above > 8 ? above : spot.bottom + 8}px`;
  };
  const unhover = () => { tip.hidden = true; };

  // --- what buttons do

  const renaming = node => {
    const pick = node.closest('.conversation').querySelector('.pick');
    const form = made('form', { class: 'renaming' });
    const field = made('input', { value: node.dataset.title, 'aria-label': 'New title', maxlength: '120' });
    form.append(field);
    pick.replaceWith(form);
    field.select();
    let ended = false;
    const end = save => {
      if (ended) return;
      ended = true;
      const title = field.value.trim();
      form.replaceWith(pick);
      if (save && title && title !== node.dataset.title) send('rename', { id: node.dataset.id, title });
    };
    form.addEventListener('submit', event => { event.preventDefault(); end(true); });
    field.addEventListener('blur', () => end(false));
    field.addEventListener('keydown', event => { if (event.key === 'Escape') { event.stopPropagation(); end(false); } });
  };
  const sure = node => {
    if (node.dataset.sure) { send('delete', { id: node.dataset.id }); return; }
    node.dataset.sure = 'yes';
    node.textContent = 'Delete for good';
    window.setTimeout(() => { delete node.dataset.sure; node.textContent = 'Delete'; }, 4000);
  };
  const rate = (node, up) => {
    const tools = node.closest('.tools');
    tools.querySelectorAll('[data-act=up], [data-act=down]').forEach(each => {
      each.setAttribute('aria-pressed', String(each === node));
    });
    const told = { turn: node.dataset.turn, up: String(up), reason: '' };
    send('rate', told);
    tools.parentElement.querySelector('form.why')?.remove();
    const form = made('form', { class: 'why' });
    const field = made('input', { 'aria-label': 'Why, if you like to say', placeholder: 'Why?', maxlength: '500' });
    form.append(field, made('button', { type: 'submit' }, 'Send'));
    tools.after(form);
    field.focus();
    form.addEventListener('submit', event => {
      event.preventDefault();
      send('rate', { ...told, reason: field.value });
      form.remove();
      tell('Thank you');
    });
  };
  const acts = {
    ask: node => ask(node.dataset.question),
    retry: node => ask(node.dataset.question),
    edit: node => write(node.dataset.question),
    copy: node => copied(node.dataset.copy),
    cite: node => { copied(node.dataset.copy); node.closest('details')?.removeAttribute('open'); },
    open: openFrom,
    prev: () => turn(-1),
    next: () => turn(1),
    close,
    up: node => rate(node, true),
    down: node => rate(node, false),
    pick: node => { close(); send('pick', { id: node.dataset.id }); },
    new: () => { close(); send('new', {}); box().focus(); },
    rename: renaming,
    delete: sure,
    leaf: node => send('leaf', { leaf: node.dataset.leaf }),
    build: () => send('build', {}),
  };
  document.addEventListener('click', event => {
    const mark = event.target.closest('a.mark');
    if (mark) {
      event.preventDefault();
      const quote = marked(mark);
      if (quote) { unhover(); openFrom(mark.closest('[data-article]') ? mark : quote); }
      return;
    }
    const node = event.target.closest('button.act');
    acts[node?.dataset.act]?.(node);
    document.querySelectorAll('details.menu[open]').forEach(each => {
      if (!each.contains(event.target)) each.removeAttribute('open');
    });
  });
  document.addEventListener('mouseover', event => {
    const mark = event.target.closest?.('a.mark');
    if (mark) hover(mark); else unhover();
  });
  document.addEventListener('focusin', event => {
    if (event.target.matches?.('a.mark')) hover(event.target); else unhover();
  });
  document.addEventListener('keydown', event => {
    const typing = event.target.matches?.('input, textarea, select, [contenteditable]');
    if (event.key === 'Escape') {
      if (!tip.hidden) unhover();
      else if (!reader.hidden) close();
    } else if (event.key === '/' && !typing && box()) {
      event.preventDefault();
      box().focus();
    } else if (!reader.hidden && !typing && event.key === 'ArrowLeft') {
      turn(-1);
    } else if (!reader.hidden && !typing && event.key === 'ArrowRight') {
      turn(1);
    }
  });

  // --- an index that is not there yet

  let watching = false;
  const watch = async () => {
    watching = true;
    while (here('[data-waiting]')) {
      await new Promise(next => { window.setTimeout(next, 1500); });
      try {
        const found = await fetch('page/state');
        if (found.ok && (await found.json()).ready) { send('refresh', {}); await new Promise(next => { window.setTimeout(next, 3000); }); }
      } catch {
        tell('The server does not answer. Is it still running?');
      }
    }
    watching = false;
  };

  // --- what appears later

  const settle = () => {
    const current = here('#current');
    if (current && !current.getAttribute('aria-live')) {
      current.setAttribute('aria-live', 'polite');
      box()?.setAttribute('aria-label', 'Question');
      box()?.focus();
    }
    const asked = here('#current article.asking');
    if (asked && asked.dataset.seen === undefined) {
      asked.dataset.seen = '';
      if (!current.dataset.moved) asked.scrollIntoView({ block: 'start', behavior: still() ? 'auto' : 'smooth' });
      current.dataset.moved = 'yes';
    } else if (current && !asked) {
      delete current.dataset.moved;
    }
    if (!watching && here('[data-waiting]')) watch();
    const plot = here('#timeline .js-plotly-plot');
    if (plot?.on && !plot.dataset.hooked) {
      plot.dataset.hooked = 'yes';
      plot.on('plotly_click', data => {
        const [article, start, end] = [].concat(data.points?.[0]?.customdata ?? []).map(String);
        if (article) open({ article, start, end }, [...document.querySelectorAll('.source')].map(placed));
      });
    }
  };
  new MutationObserver(settle).observe(document.body, { childList: true, subtree: true });
  settle();
  window.onrecord = { address };

  // A link from elsewhere (Slack) opens an article at a slice: ?open=ID&start=…&end=…
  const linked = new URLSearchParams(window.location.search);
  if (linked.get('open')) {
    const place = { article: linked.get('open'), start: linked.get('start') ?? '0', end: linked.get('end') ?? '0' };
    open(place, []);
  }
}
