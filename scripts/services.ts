// Starts real servers for a look by hand: npm run services -- postgres redis. Ctrl-C ends them and removes their data.

import type { ServiceNeed } from '../src/lab/scenario.js';
import { RECIPES } from '../src/lab/services/recipes.js';
import type { Service } from '../src/lab/services/service.js';
import { startService } from '../src/lab/services/start.js';

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(RECIPES, name));
if (names.length === 0 || unknown.length > 0) {
  console.error(`Name the services to start: ${Object.keys(RECIPES).join(', ')}.`);
  process.exit(2);
}

const services: Service[] = [];
const stop = async () => {
  await Promise.all(services.map((service) => service.stop()));
  process.exit();
};
process.on('SIGINT', stop).on('SIGTERM', stop);
for (const name of names) {
  const beganMs = performance.now();
  const service = await startService(name as ServiceNeed);
  services.push(service);
  console.log(`${name.padEnd(9)} ${service.url}   ready in ${((performance.now() - beganMs) / 1000).toFixed(1)} s`);
}
setInterval(() => {}, 1 << 30);
