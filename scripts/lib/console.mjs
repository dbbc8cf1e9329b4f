// What a person waits for in the console: the first page, a list of a hundred thousand rows, a graph of a thousand steps. In Chromium without a screen,
// which draws on the processor: what a graphics card would do is part of each frame here.
import { chromium } from 'playwright-core';

const WINDOW = { width: 1440, height: 900 };
const VISITS = 7;
const FRAMES = 300;
/** Of 60 a second each has 16.7 ms; what took longer than this came a frame late. */
const LATE_MS = 25;
const STEPS = 1_000;

/** Keeps when the first page showed its figures, which is when it can be used: what it shows is asked for by what also listens. */
const TELL_WHEN_SHOWN = `window.shown = new Promise((done) => {
  const look = () => {
    const cards = [...document.querySelectorAll('.count-card')];
    if (cards.length > 0 && cards.every((card) => !card.textContent.includes('…'))) done(performance.now());
    else requestAnimationFrame(look);
  };
  look();
})`;

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const ascending = (values) => [...values].sort((a, b) => a - b);

/** What frames of the page took, in ms, while `act` (source, with the number of the frame as `n`) is done before each. */
async function frames(page, act) {
  const took = await page.evaluate(`new Promise((done) => {
    const times = [];
    const next = (at) => {
      const n = times.push(at);
      if (n > ${FRAMES}) return done(times.slice(1).map((time, i) => time - times[i]));
      ${act};
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  })`);
  const sorted = ascending(took);
  const late = sorted.filter((ms) => ms > LATE_MS).length;
  return { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), worst: sorted.at(-1), late, of: sorted.length };
}

/** A first visit has nothing kept of an earlier one but the session; a second visit has all that browsers keep. */
async function visits(browser, service) {
  const [first, second] = [[], []];
  for (let visit = 0; visit < VISITS; visit += 1) {
    const context = await signedIn(browser, service);
    await context.addInitScript({ content: TELL_WHEN_SHOWN });
    for (const times of [first, second]) {
      const page = await context.newPage();
      await page.goto(service.origin);
      times.push(await page.evaluate('window.shown'));
      await page.close();
    }
    await context.close();
  }
  return { first: ascending(first), second: ascending(second) };
}

async function signedIn(browser, service) {
  const context = await browser.newContext({ viewport: WINDOW, baseURL: service.origin });
  await context.request.post('/api/automation/v1/session', { headers: service.headers });
  return context;
}

async function fill(service, dags, progress) {
  const steps = [{ id: 'start', operator: '@trigger/manual' }];
  for (let made = 0; made < dags; made += 200) {
    const documents = Array.from({ length: Math.min(200, dags - made) }, (_, i) => ({
      title: `Nightly orders of region ${made + i}`,
      description: 'Reads, checks and forwards what came in since yesterday.',
      tags: [`team-${(made + i) % 7}`, 'nightly'],
      steps,
    }));
    await service.call('POST', '/dags/import?mode=create', documents);
    if (made % 20_000 === 0) progress(`The console: ${made} of ${dags} DAGs stored ...`);
  }
}

/** Wheels down the list as fast as rows come; ends at the last one. */
async function readAll(page, rows) {
  const startedAt = performance.now();
  const table = page.locator('[role="table"]');
  for (;;) {
    await table.evaluate((box) => box.scrollTo(0, box.scrollHeight));
    const read = Number(await table.getAttribute('data-rows'));
    if (read >= rows) return performance.now() - startedAt;
    await page.waitForTimeout(5);
  }
}

const SCROLL = `document.querySelector('[role="table"]').scrollBy(0, n % 120 < 60 ? 90 : -90)`;
const LEAP = `document.querySelector('[role="table"]').scrollTo(0, ((n * 7919) % 1000) / 1000 * document.querySelector('[role="table"]').scrollHeight)`;
const wheel = (init) => `document.querySelector('.react-flow__pane').dispatchEvent(new WheelEvent('wheel', { bubbles: true, cancelable: true, clientX: 700, clientY: 500, ${init} }))`; // prettier-ignore
const PAN = `(() => {
  const pane = document.querySelector('.react-flow__pane');
  const tell = (type, y) => pane.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, view: window, button: 0, buttons: 1, clientX: 700, clientY: y }));
  if (n % 60 === 1) tell('mousedown', 500);
  tell('mousemove', 500 - (n % 60) * 6);
  if (n % 60 === 59) tell('mouseup', 150);
})()`;

const chain = Array.from({ length: STEPS - 1 }, (_, i) => ({ id: `s${i}`, title: `Step ${i}`, operator: '@internal/checkpoint', parameters: { value: i } })); // prettier-ignore
/** Thirty beside one another, and so on downwards. */
const grid = chain.map((step, i) => ({ ...step, dependsOn: [i < 30 ? 'start' : `s${i - 30}`] }));

async function graph(page, service, title, steps) {
  const { id } = await service.call('POST', '/dags', { title, steps: [{ id: 'start', operator: '@trigger/manual' }, ...steps] }); // prettier-ignore
  const startedAt = performance.now();
  await page.goto(`/dags/${id}`);
  await page.locator('.react-flow__node, .flow-far').first().waitFor();
  const shownMs = performance.now() - startedAt;
  await page.waitForTimeout(1_000);
  const moved = await frames(page, PAN);
  const zoomed = await frames(page, wheel('deltaY: n % 120 < 60 ? 24 : -24'));
  return { id, shownMs, moved, zoomed };
}

/** Figures in ms of what is drawn, `{ empty, visits, list, graphs }`; the service is filled with `dags` definitions. */
export async function looks(service, { dags, progress }) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  try {
    const blank = await browser.newPage();
    const empty = await frames(blank, '');
    progress('The console: first visits ...');
    const seen = await visits(browser, service);
    const page = await (await signedIn(browser, service)).newPage();
    progress(`The console: graphs of ${STEPS} steps ...`);
    const graphs = {
      'one after another': await graph(page, service, 'A chain', chain),
      'thirty side by side': await graph(page, service, 'A grid', grid),
    };
    await fill(service, dags, progress);
    await page.goto('/dags');
    await page.locator('[role="table"] [role="row"]').nth(5).waitFor();
    const scrolled = await frames(page, SCROLL);
    progress(`The console: all of ${dags} rows ...`);
    const readMs = await readAll(page, dags);
    const list = { scrolled, readMs, afterAll: await frames(page, SCROLL), leapt: await frames(page, LEAP) };
    return { empty, visits: seen, graphs, list };
  } finally {
    await browser.close();
  }
}
