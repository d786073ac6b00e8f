import { js } from '../../../src/lab/kit/source.js';

export type Client = 'fetch' | 'http' | 'undici';

/** A module that exports getJson(url), as people write it for each HTTP client. */
export function clientModule(client: Client): string {
  return CLIENTS[client];
}

const CLIENTS: Record<Client, string> = {
  fetch: js`
    //@cause{
    export async function getJson(url«: string») {
      const response = await fetch(url);
      if (!response.ok) throw new Error(\`\${url} answered \${response.status}\`);
      return response.json();
    }
    //@cause}
  `,
  http: js`
    import http from 'node:http';

    const agent = new http.Agent({ keepAlive: true });

    //@cause{
    export function getJson(url«: string») {
      return new Promise((resolve, reject) => {
        const request = http.get(url, { agent }, (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve(JSON.parse(text)));
        });
        request.on('error', reject);
      });
    }
    //@cause}
  `,
  undici: js`
    import { request } from 'undici';

    //@cause{
    export async function getJson(url«: string») {
      const { statusCode, body } = await request(url);
      if (statusCode !== 200) throw new Error(\`\${url} answered \${statusCode}\`);
      return body.json();
    }
    //@cause}
  `,
};
