import { js } from '../../../src/lab/kit/source.js';

/** A module that exports `name(id)`: asks the partner once, and throws where it has no answer. */
export function clientOf(client: 'fetch' | 'http', name: string, partner: string, deadlineMs: number | null): string {
  if (client === 'fetch') {
    return js`
      export async function ${name}(id«: string») {
        const response = await fetch(\`\${process.env.PARTNER_URL}/${partner}/\${id}\`${deadlineMs ? `, { signal: AbortSignal.timeout(${deadlineMs}) }` : ''}); //@cause
        const answer = await response.text();
        if (!response.ok) throw new Error(\`${partner} answered \${response.status}\`);
        return JSON.parse(answer);
      }
    `;
  }
  return js`
    import http from 'node:http';

    const agent = new http.Agent({ keepAlive: true });

    export function ${name}(id«: string») {
      return new Promise«<unknown>»((resolve, reject) => {
        //@cause{
        const request = http.get(\`\${process.env.PARTNER_URL}/${partner}/\${id}\`, { agent }, (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => {
            if (response.statusCode === 200) resolve(JSON.parse(text));
            else reject(new Error(\`${partner} answered \${response.statusCode}\`));
          });
        });
        //@cause}
        request.on('error', reject);
        ${deadlineMs ? `request.setTimeout(${deadlineMs}, () => request.destroy(new Error('timed out')));` : ''}
      });
    }
  `;
}

/** In trouble for two thirds of the time; or all the time, because it is asked for more than it can do. */
export function serviceOf(cause: 'refused' | 'timed-out' | 'layers' | 'overloaded', ms: number): string {
  const body = {
    refused: `if (inTrouble()) setTimeout(refuse, ${ms}, res);\nelse setTimeout(answer, ${ms}, res);`,
    layers: `if (inTrouble()) setTimeout(refuse, ${ms}, res);\nelse setTimeout(answer, ${ms}, res);`,
    'timed-out': `if (!inTrouble()) setTimeout(answer, ${ms}, res);`,
    overloaded: js`
      // One at a time; whoever comes meanwhile is refused by the proxy in front, which takes a moment as well.
      if (busy) return setTimeout(refuse, ${ms}, res);
      busy = true;
      setTimeout(() => {
        busy = false;
        answer(res);
      }, ${3 * ms});
    `,
  }[cause];
  return js`
    import http from 'node:http';

    const inTrouble = () => Date.now() % 2400 < 1600;
    const answer = (res) => res.setHeader('content-type', 'application/json').end(JSON.stringify({ value: 42 }));
    const refuse = (res) => res.writeHead(503).end('try again later');
    let busy = false;

    const server = http.createServer((req, res) => {
      ${body}
    });
    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log('listening on ' + server.address().port));
  `;
}
