import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { request } from 'undici';
import type { Page } from 'playwright-core';
import { ConsoleWorld } from './console.world';

interface Made {
  readonly id: string;
}

interface Firing {
  readonly status: string;
  readonly instanceId: string | null;
  readonly event: { readonly data: unknown };
}

/** Takes a whole number and gives it back. */
const counted = (title: string) => ({
  title,
  steps: [
    {
      id: 'start',
      operator: '@trigger/form',
      parameters: { fields: [{ key: 'count', name: 'Count', type: 'integer', required: true, min: 1 }] },
    },
    { id: 'end', operator: '@internal/return', parameters: { count: '{{__start.fields.count}}' } },
  ],
});
const SECRET = 'a secret of the hook';

describe('triggers in the console', () => {
  let world: ConsoleWorld;
  beforeAll(async () => {
    world = await ConsoleWorld.open();
    await world.service.must('POST', '/secrets', { name: 'hook_key', value: SECRET });
  });
  afterAll(async () => {
    await world.close();
    expect(world.complaints).toEqual({ cspViolations: [], pageErrors: [] });
  });

  const until = async (ask: () => Promise<boolean>) => {
    for (const beganMs = Date.now(); !(await ask());) {
      if (Date.now() - beganMs > 30_000) throw new Error(`It does not come about: ${ask.toString()}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const aDag = async (definition: object) => (await world.service.must<Made>('POST', '/dags', definition)).id;
  const triggersOf = async (dag: string) =>
    (await world.service.must<{ items: (Made & { kind: string; url: string })[] }>('GET', `/dags/${dag}/triggers`))
      .items;
  const firingsOf = async (trigger: string) =>
    (await world.service.must<{ items: Firing[] }>('GET', `/triggers/${trigger}/firings`)).items;
  const atTriggers = (dag: string) => world.signedIn(undefined, `/dags/${dag}?tab=triggers`);
  const add = async (page: Page, kind: string) => {
    await page.getByRole('button', { name: 'Add a trigger' }).click();
    await page.getByRole('menuitem', { name: kind }).click();
    return page.getByRole('dialog');
  };
  const choose = async (page: Page, label: string, option: string) => {
    await page.getByRole('combobox', { name: label }).click();
    await page.getByRole('option', { name: option, exact: true }).click();
  };
  const deadLetters = async () =>
    (await world.service.must<{ items: Made[] }>('GET', '/dead-letters?kind=firing')).items;
  /** A webhook without a signature, and calls of it whose data no run takes. */
  const failing = async (title: string, calls: number) => {
    const dag = await aDag(counted(title));
    const { id, url } = await world.service.must<{ id: string; url: string }>('POST', `/dags/${dag}/triggers`, { kind: 'webhook', name: title }); // prettier-ignore
    for (let call = 1; call <= calls; call += 1) {
      const body = JSON.stringify({ count: `number ${call}` });
      const headers = { 'content-type': 'application/json', 'idempotency-key': `${title} ${call}` };
      const { statusCode, body: answer } = await request(url, { method: 'POST', headers, body });
      await answer.dump();
      expect(statusCode).toBe(202);
    }
    return { dag, id };
  };

  it('a schedule shows its times before it is made, and stands in the calendar then', async () => {
    const dag = await aDag(counted('Morning report'));
    const page = await atTriggers(dag);
    const drawer = await add(page, 'Schedule');
    await drawer.getByLabel('Name').fill('each evening');
    await drawer.getByLabel('Cron expression').fill('45 23 * * *');
    await drawer.getByText('every day at 23:45').waitFor();
    expect(await drawer.getByRole('region', { name: 'Next times' }).getByRole('listitem').count()).toBe(5);
    await drawer.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('region', { name: 'each evening' }).waitFor();
    await page.goto('/triggers?view=week');
    await page.getByRole('button', { name: 'Next week' }).click();
    const cells = page.getByRole('table', { name: 'Calendar' }).getByRole('button');
    await cells.first().waitFor();
    expect(await cells.count()).toBe(7);
    expect(await cells.first().innerText()).toBe('23:45 Morning report');
    await cells.first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const hour = page.getByRole('dialog');
    await hour.getByText('1 schedule fires').waitFor();
    await hour.getByText('each evening').waitFor();
    const here = page.url();
    expect(here).toContain('hour=');
    await page.goto('/dags');
    await page.goto(here);
    await page.getByRole('dialog').getByRole('link', { name: 'Morning report' }).click();
    await page.waitForURL(`**/dags/${dag}?tab=triggers`);
    await page.context().close();
  });

  it('what fires each minute is one entry an hour, and a narrow page shows a day', async () => {
    const dag = await aDag(counted('Heartbeat'));
    await world.service.must('POST', `/dags/${dag}/triggers`, { kind: 'cron', config: { cron: '* 5 * * *' } });
    const page = await world.signedIn(await world.visitor({ width: 390, height: 844 }), '/triggers');
    await page.getByRole('button', { name: 'Next day' }).click();
    await page.waitForURL('**day=**');
    const entry = page.getByRole('listitem').filter({ hasText: 'Heartbeat' }).last();
    await entry.getByText('60×').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.context().close();
  });

  it('a bad cron expression is told at its field, and nothing is made', async () => {
    const dag = await aDag(counted('Never made'));
    const page = await atTriggers(dag);
    const drawer = await add(page, 'Schedule');
    const cron = drawer.getByLabel('Cron expression');
    await cron.fill('61 * * * *');
    const refused = await world.service.call('POST', '/triggers/preview', { config: { cron: '61 * * * *' } });
    const { errors } = JSON.parse(refused.text) as { errors: { message: string }[] };
    await drawer.getByRole('button', { name: 'Add', exact: true }).click();
    const described = async () => {
      const ids = ((await cron.getAttribute('aria-describedby')) ?? '').split(' ');
      return (await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).allInnerTexts()))).flat();
    };
    await drawer
      .getByText(errors[0]?.message ?? '?', { exact: true })
      .first()
      .waitFor();
    expect(await described()).toContain(errors[0]?.message);
    expect(await cron.getAttribute('aria-invalid')).toBe('true');
    expect((await triggersOf(dag)).filter(({ kind }) => kind === 'cron')).toEqual([]);
    await page.context().close();
  });

  it('a webhook tells what to send; signed calls start runs and stand in its history, others are refused', async () => {
    const dag = await aDag(counted('Hooked'));
    const page = await atTriggers(dag);
    const drawer = await add(page, 'Webhook');
    await drawer.getByLabel('Name').fill('from GitHub');
    await choose(page, 'How calls are signed', 'GitHub');
    await drawer.getByLabel('Secrets').fill('hook_key');
    await page.keyboard.press('Enter');
    await drawer.getByRole('button', { name: 'Add', exact: true }).click();
    const example = await drawer
      .getByRole('group', { name: 'An example call, for a shell' })
      .locator('pre')
      .innerText();
    const url = await drawer.getByRole('group', { name: 'Address', exact: true }).locator('pre').innerText();
    await drawer.getByRole('button', { name: 'Close' }).last().click();
    const body = JSON.stringify({ count: 4 });
    const send = async (signature: string) => {
      const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature };
      const answer = await request(url, { method: 'POST', headers, body });
      await answer.body.dump();
      return answer.statusCode;
    };
    expect(await send(`sha256=${createHmac('sha256', 'another').update(body).digest('hex')}`)).toBe(401);
    expect(await send(`sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`)).toBe(202);
    // What the page says to send is taken, too; its data fits no run.
    const answer = execFileSync('sh', ['-c', example], { env: { PATH: process.env.PATH, SECRET }, encoding: 'utf8' });
    expect(JSON.parse(answer)).toHaveProperty('id');
    await page.getByRole('region', { name: 'from GitHub' }).getByRole('link', { name: 'History' }).click();
    const history = page.getByRole('table', { name: 'Firings' });
    await history.getByText('fired', { exact: true }).waitFor();
    await history.getByText('dead', { exact: true }).waitFor();
    await history.getByRole('link').first().click();
    await page.waitForURL('**/instances/**');
    await page.context().close();
  });

  it('another address is given to a webhook, and the old one serves nobody', async () => {
    const dag = await aDag(counted('Rotated'));
    const { url } = await world.service.must<{ url: string }>('POST', `/dags/${dag}/triggers`, { kind: 'webhook', name: 'turning' }); // prettier-ignore
    const page = await atTriggers(dag);
    await page.getByRole('button', { name: 'More actions: turning' }).click();
    await page.getByRole('menuitem', { name: 'Give it another address' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Give it another address' }).click();
    const shown = page.getByRole('group', { name: 'Address', exact: true }).locator('pre');
    await shown.waitFor();
    await until(async () => (await shown.innerText()) !== url);
    const fresh = await shown.innerText();
    const status = async (address: string) => {
      const answer = await request(address, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"count":1}' }); // prettier-ignore
      await answer.body.dump();
      return answer.statusCode;
    };
    expect([await status(url), await status(fresh)]).toEqual([404, 202]);
    await page.context().close();
  });

  it('is fired by hand with data, which has to fit', async () => {
    const dag = await aDag(counted('By hand'));
    const page = await atTriggers(dag);
    const [form] = await triggersOf(dag);
    await page.getByRole('button', { name: 'Fire now' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Count').fill('0');
    await dialog.getByRole('button', { name: 'Fire now' }).click();
    await dialog.getByRole('alert').waitFor();
    expect(await firingsOf(form?.id ?? '')).toEqual([]);
    await dialog.getByLabel('Count').fill('7');
    await dialog.getByRole('button', { name: 'Fire now' }).click();
    await dialog.getByRole('link', { name: 'Open the run' }).click();
    await page.waitForURL('**/instances/**');
    expect((await firingsOf(form?.id ?? '')).map(({ status, event }) => [status, event.data])).toEqual([
      ['fired', { count: 7 }],
    ]);
    await page.context().close();
  });

  it('what somebody else has changed meanwhile is not written over, and is told', async () => {
    const dag = await aDag(counted('Shared'));
    const body = { kind: 'cron', name: 'ours', config: { cron: '0 3 * * *', overlap: 'queueOne' }, filter: 'true' };
    const { id } = await world.service.must<Made>('POST', `/dags/${dag}/triggers`, body);
    const page = await atTriggers(dag);
    const edit = async () => {
      await page.getByRole('button', { name: 'More actions: ours' }).click();
      await page.getByRole('menuitem', { name: 'Edit' }).click();
    };
    await edit();
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('Cron expression').fill('0 4 * * *');
    await world.service.must('PUT', `/triggers/${id}`, { ...body, config: { ...body.config, cron: '0 5 * * *' } });
    await drawer.getByRole('button', { name: 'Save' }).click();
    await drawer.getByText('Somebody else has changed it meanwhile').waitFor();
    const cronOf = async () => {
      const { config, filter } = await world.service.must<{ config: { cron: string }; filter: string }>(
        'GET',
        `/triggers/${id}`,
      );
      return [config, filter];
    };
    expect(await cronOf()).toEqual([{ cron: '0 5 * * *', overlap: 'queueOne' }, 'true']);
    await drawer.getByRole('button', { name: 'Load it as it stands now' }).click();
    await until(async () => (await drawer.getByLabel('Cron expression').inputValue()) === '0 5 * * *');
    await drawer.getByLabel('Cron expression').fill('0 4 * * *');
    await drawer.getByRole('button', { name: 'Save' }).click();
    await drawer.waitFor({ state: 'detached' });
    expect(await cronOf()).toEqual([{ cron: '0 4 * * *', overlap: 'queueOne' }, 'true']);
    await page.context().close();
  });

  it('a firing that fails is a dead letter: it is edited, driven anew, and gone', async () => {
    const { id } = await failing('Broken orders', 1);
    const page = await world.signedIn(undefined, `/triggers?tab=dead&trigger=${id}`);
    await page.getByRole('table', { name: 'Dead letters' }).getByRole('link').click();
    const drawer = page.getByRole('dialog');
    const data = drawer.getByRole('textbox', { name: 'Data of the event' });
    await data.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText('{ "count": 12 }');
    await drawer.getByRole('button', { name: 'Save the correction' }).click();
    await page.getByText('Saved; carry it out anew now.').waitFor();
    await drawer.getByRole('button', { name: 'Carry out anew' }).click();
    await drawer.waitFor({ state: 'detached' });
    await page.getByText('No dead letters').waitFor();
    expect((await firingsOf(id)).map(({ status, event }) => [status, event.data])).toEqual([['fired', { count: 12 }]]);
    await page.context().close();
  });

  it('many are driven anew at once, and what is of no use is discarded', async () => {
    const { dag, id } = await failing('Many orders', 4);
    const page = await world.signedIn(undefined, `/triggers?tab=dead&trigger=${id}`);
    const rows = page.getByRole('table', { name: 'Dead letters' }).getByRole('row');
    await rows.nth(4).waitFor();
    await rows.nth(1).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await page.getByText('1 is discarded').waitFor();
    await rows.nth(4).waitFor({ state: 'detached' });
    // The cause is mended: the DAG takes texts now.
    const definition = counted('Many orders');
    definition.steps[0] = { id: 'start', operator: '@trigger/form', parameters: { fields: [{ key: 'count', name: 'Count', type: 'string', required: true, min: 1 }] } }; // prettier-ignore
    await world.service.must('PUT', `/dags/${dag}`, definition);
    await page.getByRole('checkbox', { name: 'Select all that are loaded' }).check();
    await page.getByRole('button', { name: 'Carry out anew' }).click();
    await page.getByText('3 are carried out anew').waitFor();
    await page.getByText('No dead letters').waitFor();
    await until(async () => (await firingsOf(id)).every(({ status }) => status !== 'pending'));
    expect((await firingsOf(id)).map(({ status }) => status)).toEqual(['fired', 'fired', 'fired']);
    expect(await deadLetters()).not.toContainEqual(expect.objectContaining({ triggerId: id }));
    await page.context().close();
  });
});
