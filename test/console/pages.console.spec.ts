import { readFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ROOT } from '../build';
import { ConsoleWorld } from './console.world';
import { large, long, orders, wide } from './definitions';
import { LARGE_ROWS, OrderSink } from './order-sink';
import { aTriggeredDag, placesOf, type Triggered } from './triggered';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const SCREENSHOTS = join(ROOT, '.cache', 'screenshots');
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
/** A name that would act if anything made it mark-up. */
const EVIL = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>$t(shell.product)';

const VALUE = `document.querySelector('[role="dialog"] [role="group"][aria-label="Value"]')`;
const TIMELINE = `document.querySelector('[aria-label="Timeline of the steps"]')`;

interface Made {
  readonly id: string;
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly target: readonly string[] }[];
}

describe('pages', () => {
  let world: ConsoleWorld;
  let sink: OrderSink;
  const ids: Record<string, string> = {};
  let triggered: Triggered;

  beforeAll(async () => {
    sink = await OrderSink.open();
    world = await ConsoleWorld.open();
    const run = async (name: string, definition: object, data: object = {}) => {
      const { id: dag } = await world.service.must<Made>('POST', '/dags', definition);
      const labels = { team: 'sales', evil: EVIL };
      ids[name] = (await world.service.must<Made>('POST', `/dags/${dag}/run?wait=PT20S`, { data, labels })).id;
    };
    await run('waits', orders(sink.url, 'Orders'), { count: 40 });
    sink.isDown = true;
    await run('fails', orders(sink.url, 'Orders that fail'), { count: 3 });
    await run('large', large(sink.url));
    await run('long', long('A thousand steps', 1_000));
    await run('wide', wide('A thousand steps side by side', 1_000));
    await run('evil', {
      title: EVIL.replaceAll(/[/:*?"<>|]/g, '_'),
      steps: [
        { id: 'start', operator: '@trigger/manual' },
        { id: 'say', title: EVIL, operator: '@internal/checkpoint', parameters: { value: `'${EVIL}'` } },
        { id: 'ask', operator: '@control/approval', parameters: { title: EVIL, assignees: ['admin', EVIL] } },
      ],
    });
    triggered = await aTriggeredDag(world.service);
    ids.dag = (await world.service.must<{ dagId: string }>('GET', `/instances/${ids.waits}`)).dagId;
    const { steps, title } = await world.service.must<{ steps: unknown; title: string }>('GET', `/dags/${ids.dag}`);
    await world.service.must('PUT', `/dags/${ids.dag}`, {
      title,
      steps,
      description: 'Of the day',
      changeLog: 'Says of what day',
    });
    await world.service.must('POST', '/secrets', { name: 'carrierKey', value: 'hidden', hosts: ['api.example.com'] });
    await world.service.must('POST', '/variables', { name: 'region', value: { name: 'north', limit: 3 } });
    await world.service.must('POST', '/me/tokens', { name: 'nightly', permissions: ['dag.view', 'instance.view'] });
    ids.debug = (
      await world.service.must<Made>('POST', '/dags/debug/run', {
        dag: orders(sink.url, 'Debugged'),
        data: { count: 1 },
        breakpoints: ['fetch'],
      })
    ).id;
  });
  afterAll(async () => {
    await world.close();
    await sink.close();
    expect(world.complaints).toEqual({ cspViolations: [], pageErrors: [] });
  });

  const places = () => ({
    overview: '/',
    dags: '/dags',
    'dag-graph': `/dags/${ids.dag}?tab=graph`,
    'dag-definition': `/dags/${ids.dag}?tab=definition`,
    'dag-instances': `/dags/${ids.dag}?tab=instances`,
    'dag-new': '/dags/new',
    'dag-run': `/dags/${ids.dag}?tab=run`,
    'dag-versions': `/dags/${ids.dag}?tab=versions`,
    workers: '/workers',
    'settings-tokens': '/settings?tab=tokens',
    'settings-secrets': '/settings?tab=secrets',
    'settings-variables': '/settings?tab=variables',
    instances: '/instances',
    'instances-filtered': '/instances?status=failed&label=team%3Asales',
    'instance-graph': `/instances/${ids.waits}`,
    'instance-timeline': `/instances/${ids.waits}?tab=timeline`,
    'instance-events': `/instances/${ids.waits}?tab=events`,
    'instance-data': `/instances/${ids.fails}?tab=data`,
    'instance-failed': `/instances/${ids.fails}`,
    'instance-task': `/instances/${ids.fails}?task=fetch`,
    'instance-debug': `/instances/${ids.debug}`,
    approvals: '/approvals',
    ...placesOf(triggered),
  });
  const settle = async (page: Page) => {
    await page.locator('main h1').first().waitFor();
    await page.locator('main :is(.mantine-Skeleton-root, .mantine-Loader-root)').first().waitFor({ state: 'detached' });
    await page.waitForTimeout(400);
  };

  /** A picture to be looked at, and what is wrong with the page as far as a machine can tell. */
  const lookAt = async (page: Page, name: string, file: string): Promise<readonly string[]> => {
    await page.screenshot({ path: join(SCREENSHOTS, `${file}.png`) });
    await page.evaluate(AXE);
    const found = await page.evaluate<readonly Violation[]>(
      'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
    );
    const tooWide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    return [
      ...found
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${name}: ${id}: ${html.slice(0, 200)}`)),
      ...(tooWide > 0 ? [`${name}: wider than the window by ${tooWide} px`] : []),
    ];
  };

  describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
    it.each(SIZES)(
      'have no serious fault of accessibility, and fit into the window: $width px',
      async (size) => {
        mkdirSync(SCREENSHOTS, { recursive: true });
        const faults: string[] = [];
        const file = (name: string) => `${name}-${theme}-${size.width}`;
        const stranger = await (await world.visitor({ theme, ...size })).newPage();
        await stranger.goto('/sign-in');
        await settle(stranger);
        faults.push(...(await lookAt(stranger, 'sign-in', file('sign-in'))));
        await stranger.context().close();
        const page = await world.signedIn(await world.visitor({ theme, ...size }));
        for (const [name, place] of Object.entries(places())) {
          await page.goto(place);
          await settle(page);
          faults.push(...(await lookAt(page, name, file(name))));
        }
        await page.goto('/approvals');
        await page.getByRole('navigation', { name: 'What waits' }).getByRole('button').nth(1).click();
        await settle(page);
        faults.push(...(await lookAt(page, 'approval-chosen', file('approval-chosen'))));
        await page.context().close();
        expect(faults).toEqual([]);
      },
      300_000,
    );
  });

  it('show mark-up in names as text, and carry none of it out', async () => {
    const page = await world.signedIn();
    for (const tab of ['graph', 'timeline', 'events', 'data'])
      for (const task of ['', '&task=say']) {
        await page.goto(`/instances/${ids.evil}?tab=${tab}${task}`);
        await settle(page);
        if (task !== '') await page.getByRole('dialog').getByText('onerror').first().waitFor();
      }
    for (const place of ['/instances', '/approvals', '/']) {
      await page.goto(place);
      await settle(page);
      expect(await page.evaluate('window.pwned')).toBeUndefined();
    }
    await page.goto('/approvals');
    await page.getByRole('button', { name: EVIL.slice(0, 20) }).click();
    await page.getByRole('heading', { name: EVIL.slice(0, 20) }).waitFor();
    expect(await page.evaluate('[window.pwned, document.querySelectorAll("main img, main script").length]')).toEqual([
      undefined,
      0,
    ]);
    await page.context().close();
  });

  it('show a value of ten million bytes in part, and give all of it as a download', async () => {
    const page = await world.signedIn();
    await page.goto(`/instances/${ids.large}?task=fetch`);
    const drawer = page.getByRole('dialog');
    await drawer.getByText(/MiB/).waitFor();
    await drawer.getByRole('button', { name: /body: \[/ }).click();
    // Styles of our own stand behind those of the components.
    expect(await page.evaluate(`getComputedStyle(${VALUE}.querySelector('button')).fontSize`)).toBe('12px');
    await page.evaluate(`${VALUE}.scrollTo(0, ${VALUE}.scrollHeight)`);
    await drawer.getByText(`Show more (${LARGE_ROWS - 100} left)`).waitFor();
    expect(await page.evaluate('document.querySelectorAll("*").length')).toBeLessThan(3_000);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      drawer.getByRole('button', { name: 'Download' }).click(),
    ]);
    const whole = JSON.parse(readFileSync(await download.path(), 'utf8')) as { body: { id: number; name: string }[] };
    expect([whole.body.length, whole.body.at(-1)?.name]).toEqual([LARGE_ROWS, `<b>row ${LARGE_ROWS - 1}</b>`]);
    await page.context().close();
  });

  it('show a thousand steps by those in sight', async () => {
    const page = await world.signedIn(undefined, `/instances/${ids.long}?tab=timeline`);
    const timeline = page.getByRole('region', { name: 'Timeline of the steps' });
    await timeline.locator('[data-row]').first().waitFor();
    expect(await timeline.locator('[data-row]').count()).toBeLessThan(80);
    // They come by pages.
    const all = () => page.evaluate<boolean>(`${TIMELINE}.scrollHeight > 1000 * 28`);
    for (const until = Date.now() + 30_000; Date.now() < until && !(await all());) await page.waitForTimeout(200);
    expect(await all()).toBe(true);
    await page.evaluate(`${TIMELINE}.scrollTo(0, ${TIMELINE}.scrollHeight)`);
    await timeline.locator('[data-row="s998"]').waitFor();
    await page.goto(`/instances/${ids.long}`);
    await page.locator('.react-flow__node').first().waitFor();
    expect(await page.locator('.react-flow__node').count()).toBeLessThan(200);
    await page.context().close();
  });

  it('show a thousand steps side by side as one picture, whose steps can be chosen, and as elements from near', async () => {
    const page = await world.signedIn(undefined, `/instances/${ids.wide}`);
    const picture = page.getByRole('img', { name: 'The steps from far' });
    await picture.waitFor();
    expect(await page.locator('.react-flow__node').count()).toBe(0);
    await page.getByRole('button', { name: 'Show all of it' }).click();
    const box = await page.locator('.flow-graph').boundingBox();
    if (box === null) throw new Error('The graph has a place.');
    const drawer = page.getByRole('dialog');
    // Some point of the middle lies on a step: steps are wider than what is between them.
    for (let at = 0; at < 8 && !(await drawer.isVisible()); at += 1)
      await page.mouse.click(box.x + box.width / 2 + at * 3, box.y + box.height / 2 + at * 2);
    await drawer
      .getByText(/^Step \d+$/)
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    for (let times = 0; (await picture.isVisible()) && times < 20; times += 1)
      await page.getByRole('button', { name: 'Zoom In' }).click();
    await page.locator('.react-flow__node').first().waitFor();
    expect(await page.locator('.react-flow__node').count()).toBeLessThan(200);
    await page.context().close();
  });

  it('keep filters in the address, count by status, and act on what is selected', async () => {
    const page = await world.signedIn(undefined, '/instances');
    await page.getByRole('button', { name: 'failed' }).click();
    await page.waitForURL('**/instances?status=failed');
    const rows = page.getByRole('table').getByRole('row');
    await page.locator('[data-count="failed"]').getByText('1').waitFor();
    expect(await rows.count()).toBe(2);
    await page.getByRole('checkbox', { name: `Select ${ids.fails}` }).check();
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click();
    await page.getByText('1 done').waitFor();
    await page.goto('/instances?label=team%3Anobody');
    await page.getByText('No instance matches').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.keyboard.press('Escape');
    await page.locator('main h1').click();
    await page.getByRole('table').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    const current = await page.locator('[aria-current="true"]').getByRole('link').last().innerText();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/instances/${current}`);
    await page.context().close();
  });

  it('say in their part what a token may not see, and that a thing is not there; the rest is shown', async () => {
    const { token } = await world.service.must<{ token: string }>('POST', '/me/tokens', {
      name: 'instances alone',
      permissions: ['instance.view'],
    });
    const page = await world.signedIn(undefined, '/', token);
    const forbidden = page.getByRole('alert').filter({ hasText: 'Your token lacks a permission for this.' });
    await page.getByRole('region', { name: 'Fires next' }).getByRole('alert').getByText('trigger.view').waitFor();
    await page
      .getByRole('region', { name: 'Now' })
      .getByRole('link', { name: /waiting\s*\d/ })
      .waitFor();
    expect(await forbidden.count()).toBe(1);
    for (const place of ['/dags', '/workers', '/settings?tab=secrets']) {
      await page.goto(place);
      await forbidden.first().waitFor();
    }
    await page.goto(`/instances/${ids.waits}`);
    await page.locator('h1 ~ [data-status="waiting"]').waitFor();
    await page.goto('/instances/01M00000000000000000000000');
    await page.getByRole('alert').getByText('This does not exist, or not in this business domain.').waitFor();
    await page.context().close();
  });

  it('lead to the sign-in when the token is no longer good, by themselves, and back to the same place', async () => {
    const made = await world.service.must<{ id: string; token: string }>('POST', '/me/tokens', {
      name: 'short',
      permissions: ['instance.view', 'dag.view', 'operator.view', 'approval.decide'],
    });
    const page = await world.signedIn(undefined, `/instances/${ids.waits}?tab=timeline`, made.token);
    await page.getByRole('region', { name: 'Timeline of the steps' }).waitFor();
    await world.service.must('DELETE', `/me/tokens/${made.id}`);
    await page.waitForURL('**/sign-in**', { timeout: 90_000 });
    const again = await world.service.must<{ token: string }>('POST', '/me/tokens', {
      name: 'again',
      permissions: ['instance.view', 'dag.view'],
    });
    await page.getByLabel('Token').first().fill(again.token);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/instances/${ids.waits}?tab=timeline`);
    await page.context().close();
  });
});
