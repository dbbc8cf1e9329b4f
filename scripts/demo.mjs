// `npm run demo`: starts a service on free ports in a throw-away folder, imports examples/, runs each on a real public data set
// (the npm package vega-datasets, served over HTTP from this process), follows them and prints their results.
import { createReadStream, existsSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { root, startService } from './lib/service.mjs';
import { buildWhenNeeded, checkNode, installWhenNeeded } from './start.mjs';

checkNode();
installWhenNeeded();
buildWhenNeeded();

const DATA = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data');
const TYPES = { '.json': 'application/json', '.csv': 'text/csv; charset=utf-8' };
const INPUTS = { 'growing-countries': { since: 1955 } };
const interactive = process.stderr.isTTY;

/** Serves the files of the data set, nothing else, on loopback. */
async function serveDataSet() {
  const server = createServer((request, response) => {
    const name = basename(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const file = join(DATA, name);
    if (!TYPES[extname(name)] || !existsSync(file))
      return response.writeHead(404, { 'content-type': 'text/plain' }).end('Not here.');
    response.writeHead(200, { 'content-type': TYPES[extname(name)] });
    return createReadStream(file).pipe(response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { server, host: `127.0.0.1:${server.address().port}` };
}

function show(lines, before) {
  if (!interactive) return lines.length;
  if (before > 0) process.stderr.write(`\x1b[${before}A`);
  for (const line of lines) process.stderr.write(`\x1b[2K${line}\n`);
  return lines.length;
}

const bar = (done, total) => '#'.repeat(Math.round((done / total) * 20)).padEnd(20, '.');

function printTable(rows) {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const text = (value) =>
    value === null || value === undefined
      ? '-'
      : typeof value === 'number'
        ? value.toLocaleString('en')
        : String(value);
  const widths = keys.map((key) => Math.max(key.length, ...rows.map((row) => text(row[key]).length)));
  const numeric = keys.map((key) => rows.every((row) => typeof row[key] === 'number' || row[key] == null));
  const line = (cells) =>
    `  ${cells.map((cell, i) => (numeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ')}`.trimEnd();
  console.log(line(keys));
  console.log(line(widths.map((width) => '-'.repeat(width))));
  for (const row of rows) console.log(line(keys.map((key) => text(row[key]))));
}

/** Starts every example at once and looks at them until all have ended. */
async function runAll(service, flows, host) {
  for (const flow of flows) {
    const { id } = await service.call('POST', `/dags/${flow.dagId}/run`, {
      data: { source: `http://${host}`, ...INPUTS[flow.name] },
    });
    flow.instanceId = id;
  }
  let shown = 0;
  for (;;) {
    for (const flow of flows) flow.instance = await service.call('GET', `/instances/${flow.instanceId}`);
    shown = show(
      flows.map(
        ({ title, instance: { status, progress } }) =>
          `  ${title.padEnd(20)} ${bar(progress.done, progress.total)} ${status}`,
      ),
      shown,
    );
    if (flows.every(({ instance }) => instance.endedAt !== null)) return;
    await new Promise((done) => setTimeout(done, 50));
  }
}

const { server, host } = await serveDataSet();
const service = await startService({ env: { OUTBOUND_ALLOW: host } });
let failed = 0;
try {
  console.log(
    `Service ready in ${Math.round(service.readyMs)} ms at ${service.origin}; data set served at http://${host}.\n`,
  );
  const flows = [];
  for (const file of readdirSync(join(root, 'examples'))
    .filter((name) => name.endsWith('.yaml'))
    .sort()) {
    const { items } = await service.call('POST', '/dags/import', readFileSync(join(root, 'examples', file), 'utf8'), {
      'content-type': 'application/yaml',
    });
    flows.push({ name: basename(file, '.yaml'), dagId: items[0].id, title: items[0].title });
  }
  console.log(`Imported ${flows.length} flows from examples/. Running them all:`);
  await runAll(service, flows, host);
  for (const { title, instance } of flows) {
    const ms = Date.parse(instance.endedAt) - Date.parse(instance.startedAt);
    console.log(`\n${title}: ${instance.status} in ${ms} ms`);
    if (instance.status !== 'succeeded') {
      failed += 1;
      console.log(`  ${instance.reason.code} at step ${instance.reason.stepId}: ${instance.reason.message}`);
      continue;
    }
    if (instance.result.verdict) console.log(`  ${instance.result.verdict}`);
    if (instance.result.report) console.log(instance.result.report.trim().replace(/^/gm, '  '));
    if (instance.result.rows.length > 0) printTable(instance.result.rows);
  }
} finally {
  const ended = await service.stop();
  server.close();
  if (ended.code !== 0) {
    failed += 1;
    console.error(`The service ended with ${JSON.stringify(ended)}:\n${service.output()}`);
  }
}
process.exitCode = failed > 0 ? 1 : 0;
