import type { Page } from 'playwright-core';
import { ConsoleWorld } from './console.world';
import { orders, patient } from './definitions';
import { OrderSink } from './order-sink';

interface Made {
  readonly id: string;
}

interface Event {
  readonly id: string;
  readonly type: string;
}

describe('an instance while it runs', () => {
  let world: ConsoleWorld;
  let sink: OrderSink;
  beforeAll(async () => {
    sink = await OrderSink.open();
    world = await ConsoleWorld.open();
  });
  afterAll(async () => {
    await world.close();
    await sink.close();
    expect(world.complaints).toEqual({ cspViolations: [], pageErrors: [] });
  });

  const start = async (definition: object, data: object = {}) => {
    const { id: dag } = await world.service.must<Made>('POST', '/dags', definition);
    return (await world.service.must<Made>('POST', `/dags/${dag}/run`, { data })).id;
  };
  const statusOf = (page: Page) => page.locator('h1 ~ [data-status]').first().getAttribute('data-status');
  const until = async <T>(ask: () => Promise<T>, wanted: T) => {
    for (const beganMs = Date.now(); ;) {
      const got = await ask();
      if (got === wanted) return;
      if (Date.now() - beganMs > 90_000)
        throw new Error(`It is ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}.`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  /** Rows are 28 px high, whether they stand in the page or not. */
  const eventsShown = async (page: Page) => {
    const list = `document.querySelector('[aria-label="Events"]')`;
    return (await page.evaluate<number>(`${list}.scrollHeight`)) / 28;
  };
  const eventsOf = async (id: string) => {
    const headers = { accept: 'application/x-ndjson' };
    const { text } = await world.service.call('GET', `/instances/${id}/events`, undefined, headers);
    const events = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
    return events.filter(({ type }) => type !== 'end');
  };

  it('is followed to its end, and decided in its place, without being asked again and again', async () => {
    const id = await start(orders(sink.url, 'Followed'), { count: 5 });
    const page = await world.signedIn(undefined, `/instances/${id}`);
    await until(() => statusOf(page), 'waiting');
    await page.locator('[data-live="live"]').waitFor();
    // Nothing happens: once the header is read there is nothing to ask for.
    let askedMs = Date.now();
    page.on('request', (request) => {
      if (request.url().includes(id)) askedMs = Date.now();
    });
    await until(async () => Date.now() - askedMs > 5_000, true);

    await page.getByRole('button', { name: 'Decide' }).click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('This is required.').waitFor();
    await page
      .getByRole('combobox', { name: 'Carrier' })
      .or(page.getByRole('textbox', { name: 'Carrier' }))
      .click();
    await page.getByRole('option', { name: 'rail' }).click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await until(() => statusOf(page), 'succeeded');
    await page.getByRole('tab', { name: 'Input and result' }).click();
    await page.getByRole('region', { name: 'Result' }).getByText('"rail"').waitFor();
    await page.getByRole('tab', { name: 'Timeline' }).click();
    await page.getByText('5 iterations').waitFor();
    await page.context().close();
  });

  it('goes on without gap and without doubles when the service was killed and is back, and says so meanwhile', async () => {
    const id = await start(patient('Killed', 20));
    const page = await world.signedIn(undefined, `/instances/${id}?tab=events`);
    await page.locator('[data-event]').getByText('/keep').first().waitFor();
    await world.killService();
    await page.locator('[data-live="cut"]').waitFor();
    expect(await page.locator('[data-live="cut"]').innerText()).toMatch(/Connection lost/);
    const before = await eventsShown(page);
    await world.startService();
    await page.locator('[data-live="cut"]').waitFor({ state: 'detached' });
    await until(() => statusOf(page), 'succeeded');
    const told = await eventsOf(id);
    expect(told.length).toBeGreaterThan(before);
    expect(new Set(told.map((event) => event.id)).size).toBe(told.length);
    await until(() => eventsShown(page), told.length);
    // Those in sight, the newest first, are those of the service.
    const seen = await page.evaluate<string[]>(
      '[...document.querySelectorAll("[data-event]")].map((row) => row.dataset.event)',
    );
    expect(seen).toEqual(
      told
        .map((event) => event.id)
        .reverse()
        .slice(0, seen.length),
    );
    await page.getByRole('tab', { name: 'Timeline' }).click();
    await page.getByText('100 iterations').waitFor();
    await page.context().close();
  });

  it('pauses, resumes and is cancelled by its buttons', async () => {
    const id = await start(patient('Held', 60));
    const page = await world.signedIn(undefined, `/instances/${id}`);
    await page.getByRole('button', { name: 'Pause' }).click();
    await until(() => statusOf(page), 'paused');
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByRole('textbox', { name: 'Reason' }).fill('Enough of it');
    await page.getByRole('button', { name: 'Cancel the instance' }).click();
    await until(() => statusOf(page), 'cancelled');
    await page.getByRole('alert').getByText('Enough of it').waitFor();
    await page.context().close();
  });

  it('shows why it failed, and before a retry what that does again', async () => {
    sink.isDown = true;
    const id = await start(orders(sink.url, 'Failing'), { count: 3 });
    const page = await world.signedIn(undefined, `/instances/${id}`);
    await until(() => statusOf(page), 'failed');
    await page.getByRole('alert').getByText('It failed: http.status').waitFor();
    await page.getByRole('button', { name: 'Show the step' }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('tab', { name: 'Logs' }).click();
    await drawer.getByRole('log').getByText('answered 503').first().waitFor();
    await drawer.getByRole('textbox', { name: 'Search' }).fill('no such words');
    await drawer.getByText('No line matches.').waitFor();
    await drawer.getByRole('tab', { name: 'Attempts' }).click();
    await drawer.getByText('Attempt 2').first().waitFor();
    await drawer.getByRole('button', { name: 'Close' }).click();

    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByText('1 call with an effect was made before').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.goto(`/instances/${id}?task=book`);
    await page.getByRole('button', { name: 'Retry from here' }).click();
    await page.getByText('2 calls with an effect were made before').waitFor();
    sink.isDown = false;
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().endsWith('/retry')),
      page.getByRole('button', { name: 'Retry and repeat 2 calls' }).click(),
    ]);
    const { id: fresh, repeats } = (await answer.json()) as { id: string; repeats: readonly { path: string }[] };
    expect(repeats.map(({ path }) => path)).toEqual(['book', 'fetch']);
    await page.waitForURL(`**/instances/${fresh}`);
    await until(() => statusOf(page), 'waiting');
    await page.context().close();
  });

  it('is debugged step by step', async () => {
    const debug = await world.service.must<Made>('POST', '/dags/debug/run', {
      dag: { ...patient('Never saved', 2), title: 'Never saved' },
      breakpoints: ['keep'],
    });
    const page = await world.signedIn(undefined, `/instances/${debug.id}`);
    await page.getByText('Stopped before each[0]/keep').waitFor();
    await page.getByRole('button', { name: 'Step' }).click();
    await page.getByText('each[0]/keep').first().waitFor();
    await page.getByRole('button', { name: 'Continue' }).waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Stopped before each[1]/keep').waitFor();
    await page.context().close();
  });
});
