import type { PageData } from '../model/page.js';

/** Unpacks what the end of the file carries: JSON, gzip, base64. Rejects where it is missing or damaged. */
export async function readPageData(): Promise<PageData> {
  const text = document.getElementById('ddx-data')?.textContent;
  if (!text) throw new Error('there is none');
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const json = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(json).json()) as PageData;
}
