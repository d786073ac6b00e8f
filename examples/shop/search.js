import { products, wordsOf } from './catalogue.js';
import { isSick } from './illness.js';

const FEW = 20;

const words = products.map(wordsOf);
const index = new Map();
words.forEach((list, i) => {
  for (const word of new Set(list)) {
    if (!index.has(word)) index.set(word, []);
    index.get(word).push(i);
  }
});

/** Products that contain words like those of `text`, typing errors forgiven; the best first. */
export function search(text) {
  const terms = text.toLowerCase().split(/\W+/).filter(Boolean).slice(0, 2);
  const scores = isSick('block') ? scoreAll(terms) : scoreIndexed(terms);
  return [...scores]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, FEW)
    .map(([i, score]) => ({ id: products[i].id, name: products[i].name, score }));
}

/** Compares with each word that occurs anywhere, once, and looks up where it occurs. */
function scoreIndexed(terms) {
  const scores = new Map();
  for (const [word, found] of index) {
    const score = likeness(word, terms);
    if (score > 0) for (const i of found) scores.set(i, (scores.get(i) ?? 0) + score);
  }
  return scores;
}

function scoreAll(terms) {
  const scores = new Map();
  for (const [i, list] of words.entries()) {
    for (const word of list) {
      const score = likeness(word, terms);
      if (score > 0) scores.set(i, (scores.get(i) ?? 0) + score);
    }
  }
  return scores;
}

function likeness(word, terms) {
  let score = 0;
  for (const term of terms) score += Math.max(0, 3 - editDistance(word, term));
  return score;
}

/** Insertions, deletions and replacements that make one word of the other (Levenshtein). */
function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
