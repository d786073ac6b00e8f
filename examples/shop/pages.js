import { readFile } from 'node:fs/promises';

const PAGES = ['shipping', 'returns', 'about'];

/** HTML, or null where there is no such page. */
export async function renderPage(name, values) {
  if (!PAGES.includes(name)) return null;
  const template = await readFile(new URL(`./pages/${name}.html`, import.meta.url), 'utf8');
  return template.replace(/\{\{(\w+)\}\}/g, (_, key) => values[key] ?? '');
}
