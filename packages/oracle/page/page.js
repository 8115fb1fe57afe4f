/** The page of the oracle: asks as you type, shows answers, runs examples and recipes. */
const LANGUAGES = [
  ['ts', 'TypeScript'],
  ['py', 'Python'],
  ['rs', 'Rust'],
];
const KEYWORDS = {
  ts: 'import|from|export|const|let|await|async|new|return|function|class|interface|type|readonly|extends|for|of|if|else|true|false|null|undefined',
  py: 'from|import|def|class|return|for|in|if|else|with|as|lambda|True|False|None|and|or|not',
  rs: 'use|pub|fn|let|mut|struct|enum|impl|trait|for|in|if|else|match|return|self|Self|true|false|mod|const',
};

const input = document.querySelector('#question');
const domain = document.querySelector('#domain');
const status = document.querySelector('#status');
const list = document.querySelector('#results');
let chosen = localStorage.getItem('language') ?? 'ts';
let asked = 0;

/** An element with properties and children; texts are never read as HTML. */
function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Code with its words marked. */
function highlighted(code, language) {
  const comment = language === 'py' ? '#.*' : '//.*|/\\*[^]*?\\*/';
  const pattern = new RegExp(
    `(?<comment>${comment})|(?<string>'(?:[^'\\\\\\n]|\\\\.)*'|"(?:[^"\\\\\\n]|\\\\.)*"|\`(?:[^\`\\\\]|\\\\.)*\`)|(?<number>\\b\\d[\\w.]*)|(?<keyword>\\b(?:${KEYWORDS[language]})\\b)`,
    'g',
  );
  const pre = element('pre');
  let end = 0;
  for (const match of code.matchAll(pattern)) {
    const kind = Object.keys(match.groups).find(key => match.groups[key] !== undefined);
    pre.append(code.slice(end, match.index), element('span', { className: kind }, match[0]));
    end = match.index + match[0].length;
  }
  pre.append(code.slice(end));
  return pre;
}

/** Prose whose names in backticks are code. */
function prose(text) {
  const made = element('span');
  for (const [i, part] of text.split('`').entries()) made.append(i % 2 === 1 ? element('code', {}, part) : part);
  return made;
}

function rows(entries) {
  return element('dl', {}, ...entries.filter(([, value]) => value !== '').flatMap(([label, value]) => [element('dt', {}, label), element('dd', {}, value)]));
}

function relatedLinks(names) {
  const all = element('span');
  names.forEach((name, i) => {
    const link = element('a', { href: `#${encodeURIComponent(name)}` }, name);
    all.append(i > 0 ? ', ' : '', link);
  });
  return names.length === 0 ? '' : all;
}

async function post(path, name) {
  return fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name }) });
}

async function runExample(card, button, { name }) {
  button.disabled = true;
  const response = await post('/api/run', name);
  const output = response.ok ? await response.json().then(({ stdout, stderr }) => `${stdout}${stderr}`) : await response.text();
  card.querySelector('.output')?.remove();
  card.querySelector('.more').append(element('pre', { className: 'output', ariaLabel: 'Output' }, output.trimEnd() || 'no output'));
  button.disabled = false;
}

function cardOf(result, isFirst) {
  const { name, specifier, summary, details, signature, code, equivalents, proof, proofText, related, examples } = result;
  const card = element('li', { className: `card${isFirst ? ' open' : ''}`, tabIndex: 0 });
  const shownCode = element('div');
  const buttons = LANGUAGES.filter(([language]) => code[language] !== '').map(([language, label]) => {
    const button = element('button', { type: 'button' }, label);
    button.dataset.language = language;
    button.addEventListener('click', () => {
      localStorage.setItem('language', language);
      chosen = language;
      choose();
    });
    return button;
  });
  const choose = () => {
    const language = code[chosen] === '' ? (LANGUAGES.find(([each]) => code[each] !== '') ?? ['ts'])[0] : chosen;
    for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset.language === language));
    shownCode.replaceChildren(...(code[language] === '' ? [] : [highlighted(code[language], language)]));
  };
  card.choose = choose;
  const run = element('button', { type: 'button', className: 'run' }, 'Run');
  run.addEventListener('click', () => runExample(card, run, result));
  const badge = element(
    'span',
    { className: `badge${proof === null ? ' none' : ''}`, title: proofText },
    proof === null ? 'no recorded run' : `${proof.tests} tests passed`,
  );
  const head = element('header', {}, element('h3', {}, name), element('span', { className: 'specifier' }, specifier), badge);
  head.addEventListener('click', () => card.classList.toggle('open'));
  const more = element(
    'div',
    { className: 'more' },
    ...(details === '' ? [] : [element('p', {}, prose(details))]),
    element('div', { className: 'bar' }, ...buttons, ...(examples.length > 0 ? [run] : [])),
    shownCode,
    highlighted(signature, result.language),
    rows([
      ['Python', equivalents.python === '' ? '' : prose(equivalents.python)],
      ['Rust', equivalents.rust === '' ? '' : prose(equivalents.rust)],
      ['Proof', proofText],
      ['Related', relatedLinks(related)],
    ]),
  );
  card.append(head, element('p', {}, prose(summary)), more);
  choose();
  return card;
}

async function ask() {
  const question = input.value.trim();
  const mine = ++asked;
  history.replaceState(null, '', question === '' ? '/' : `/?q=${encodeURIComponent(question)}`);
  if (question === '') return list.replaceChildren();
  const response = await fetch(`/api/search?q=${encodeURIComponent(question)}&domain=${encodeURIComponent(domain.value)}`);
  if (mine !== asked) return;
  if (!response.ok) {
    status.textContent = (await response.text()).trim();
    return;
  }
  const { results, milliseconds } = await response.json();
  if (mine !== asked) return;
  status.textContent = results.length === 0 ? 'Nothing matches; ask with other words.' : `${results.length} patterns in ${milliseconds.toFixed(1)} ms`;
  list.replaceChildren(...results.map((result, i) => cardOf(result, i === 0)));
}

async function runRecipe(name, card, button) {
  button.disabled = true;
  const output = element('pre', { className: 'output' });
  card.querySelector('.output')?.remove();
  card.append(output);
  const response = await post('/api/recipe', name);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) output.append(part.value);
  button.disabled = false;
}

function recipeCard({ name, summary, tags }) {
  const run = element('button', { type: 'button', className: 'run' }, 'Run');
  const card = element(
    'li',
    { className: 'card' },
    element('header', {}, element('h3', {}, name), element('span', { className: 'specifier' }, tags.join(', ')), run),
    element('p', {}, summary),
  );
  run.addEventListener('click', () => runRecipe(name, card, run));
  return card;
}

/** Moves the focus between the question and the answers. */
function move(by) {
  const stops = [input, ...list.children];
  const at = stops.findIndex(stop => stop.contains(document.activeElement));
  stops[Math.min(stops.length - 1, Math.max(0, at + by))].focus();
}

document.addEventListener('keydown', event => {
  const card = document.activeElement?.closest?.('#results > .card');
  const typing = document.activeElement === input;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    move(event.key === 'ArrowDown' ? 1 : -1);
  } else if (event.key === '/' && !typing) {
    event.preventDefault();
    input.select();
  } else if (event.key === 'Escape') {
    input.focus();
    input.select();
  } else if (card && document.activeElement === card) {
    if (event.key === 'Enter') card.classList.toggle('open');
    if (event.key === 'r') card.querySelector('.run')?.click();
    if ('123'.includes(event.key)) {
      chosen = LANGUAGES[Number(event.key) - 1][0];
      localStorage.setItem('language', chosen);
      for (const each of list.children) each.choose();
    }
  }
});

let waiting;
input.addEventListener('input', () => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, 60);
});
domain.addEventListener('change', ask);
document.querySelector('form').addEventListener('submit', event => {
  event.preventDefault();
  ask();
});
list.addEventListener('click', event => {
  const link = event.target.closest('dd a');
  if (link === null) return;
  event.preventDefault();
  input.value = link.textContent;
  ask();
});

const about = await fetch('/api/about').then(response => response.json());
domain.append(...about.domains.map(name => element('option', { value: name }, name)));
document.querySelector('#recipes ul').append(...about.recipes.map(recipeCard));
input.value = new URLSearchParams(location.search).get('q') ?? '';
input.focus();
if (input.value !== '') await ask();
