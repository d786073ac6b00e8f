// nginx with one worker, private to the bench: HTTP/1.1, HTTP/2 without TLS, and its own request counter.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { onCore, ready } from './processes.mjs';

export async function startNginx() {
  const folder = mkdtempSync(join(tmpdir(), 'ddx-bench-nginx-'));
  const [http, http2, status] = [await freePort(), await freePort(), await freePort()];
  const config = `
daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 75s;
  client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
  server { listen 127.0.0.1:${http}; location / { default_type text/plain; return 200 "hello world\\n"; } }
  server { listen 127.0.0.1:${http2} http2; location / { default_type text/plain; return 200 "hello world\\n"; } }
  server { listen 127.0.0.1:${status}; location / { stub_status; } }
}`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  const child = spawn(...onCore(1, 'nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')]), { stdio: ['ignore', 'ignore', 'inherit'] });
  await ready(http);
  return {
    http,
    http2,
    /** Requests it has answered. Its third line is "accepted handled requests". */
    async count() {
      const text = await (await fetch(`http://127.0.0.1:${status}/`)).text();
      return Number(/\n\s*\d+\s+\d+\s+(\d+)/.exec(text)[1]);
    },
    stop() {
      child.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
