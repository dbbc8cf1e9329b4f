import type { Page } from 'playwright-core';
import { ConsoleWorld } from './console.world';

interface Made {
  readonly id: string;
}

const MANUAL = { id: 'start', operator: '@trigger/manual' };
const KEEP = { id: 'keep', operator: '@internal/checkpoint' };

/** What somebody does who sets the service up for others. */
describe('settings and the many at once', () => {
  let world: ConsoleWorld;
  beforeAll(async () => {
    world = await ConsoleWorld.open();
  });
  afterAll(async () => {
    await world.close();
    expect(world.complaints).toEqual({ cspViolations: [], pageErrors: [] });
  });

  const confirm = (page: Page, action: string) =>
    page.getByRole('dialog').getByRole('button', { name: action, exact: true }).click();
  const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });
  const statusWith = async (token: string) =>
    (await fetch(`${world.address}/api/automation/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status;

  it('make a token that is shown this once, and revoke it', async () => {
    const page = await world.signedIn(undefined, '/settings');
    await page.getByRole('button', { name: 'Make a token' }).click();
    await page.getByText('This is required.').waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill('robot');
    await page.getByRole('button', { name: 'Make a token' }).click();
    await page.getByText('Copy it now: it is not shown again.').waitFor();
    const token = await page.getByRole('alert').locator('code').innerText();
    expect(await statusWith(token)).toBe(200);
    await row(page, 'robot').getByText('2 permissions').waitFor();

    await page.reload();
    await row(page, 'robot').waitFor();
    expect(await page.content()).not.toContain(token);
    await page.getByRole('button', { name: 'Revoke the token robot?' }).click();
    await confirm(page, 'Revoke');
    await row(page, 'robot').waitFor({ state: 'detached' });
    expect(await statusWith(token)).toBe(401);
    await page.context().close();
  });

  it('keep a secret that never comes out again, give it a new value for the same hosts, and are told why a used one stays', async () => {
    const page = await world.signedIn(undefined, '/settings?tab=secrets');
    const keep = async (value: string, action: string) => {
      await page.getByLabel('Value').first().fill(value);
      await page.getByRole('button', { name: action, exact: true }).click();
    };
    await page.getByText('No secrets yet').waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill('carrierKey');
    await page.getByRole('combobox', { name: 'Hosts' }).fill('api.example.com');
    await page.keyboard.press('Enter');
    await keep('open-sesame', 'Keep');
    await row(page, 'carrierKey').getByText('api.example.com').waitFor();
    await page.reload();
    await row(page, 'carrierKey').waitFor();
    expect(await page.content()).not.toContain('open-sesame');

    await page.getByRole('button', { name: 'Change carrierKey' }).click();
    await keep('open-barley', 'Replace');
    await page.getByRole('button', { name: 'Keep', exact: true }).waitFor();
    const { items } = await world.service.must<{ items: readonly object[] }>('GET', '/secrets');
    expect(items).toMatchObject([{ name: 'carrierKey', hosts: ['api.example.com'] }]);

    const authorization = 'Bearer {{secrets.carrierKey}}';
    const parameters = { method: 'GET', url: 'https://api.example.com/orders', headers: { authorization } };
    const steps = [MANUAL, { id: 'ask', operator: '@http/request', parameters }];
    await world.service.must('POST', '/dags', { title: 'Uses a secret', steps });
    await page.reload();
    await row(page, 'carrierKey').getByText('1 DAG').waitFor();
    await page.getByRole('button', { name: 'Delete carrierKey?' }).click();
    await confirm(page, 'Delete');
    await page.getByRole('alert').filter({ hasText: 'carrierKey' }).getByText('Uses a secret').waitFor();
    await row(page, 'carrierKey').waitFor();
    await page.context().close();
  });

  it('keep a variable, change it from its row, and delete it', async () => {
    const page = await world.signedIn(undefined, '/settings?tab=variables');
    const stored = async () =>
      (await world.service.must<{ items: readonly { name: string; value: unknown }[] }>('GET', '/variables')).items;
    await page.getByRole('textbox', { name: 'Name' }).fill('region');
    await page.getByRole('textbox', { name: 'Value' }).fill('north');
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    await row(page, 'region').getByText('"north"').waitFor();

    await page.getByRole('button', { name: 'Change region' }).click();
    expect(await page.getByRole('textbox', { name: 'Value' }).inputValue()).toBe('north');
    await page.getByRole('textbox', { name: 'Value' }).fill('{"name": "south", "limit": 3}');
    await page.getByRole('button', { name: 'Replace', exact: true }).click();
    await row(page, 'region').getByText('"limit":3').waitFor();
    expect(await stored()).toMatchObject([{ name: 'region', value: { name: 'south', limit: 3 } }]);

    await page.getByRole('button', { name: 'Delete region?' }).click();
    await confirm(page, 'Delete');
    await page.getByText('No variables yet').waitFor();
    expect(await stored()).toEqual([]);
    await page.context().close();
  });

  it('deactivate, activate and delete three DAGs at once, and are told which one stays and why', async () => {
    const ids = [];
    for (const title of ['Many A', 'Many B', 'Many C'])
      ids.push((await world.service.must<Made>('POST', '/dags', { title, steps: [MANUAL, KEEP] })).id);
    const waits = { id: 'rest', operator: '@control/wait', parameters: { duration: 'PT1H' } };
    await world.service.must('PUT', `/dags/${ids[2]}`, { title: 'Many C', steps: [MANUAL, waits] });
    await world.service.must('POST', `/dags/${ids[2]}/run`, {});
    const page = await world.signedIn(undefined, '/dags?keyword=Many');
    const all = async (action: string) => {
      await page.getByRole('checkbox', { name: 'Select all that are loaded' }).check();
      await page.getByText('3 selected').waitFor();
      await page.getByRole('button', { name: action, exact: true }).click();
      await confirm(page, action);
    };
    const statuses = async (status: string) => {
      for (const title of ['Many A', 'Many B', 'Many C']) await row(page, title).getByText(status).waitFor();
    };
    await all('Deactivate');
    await statuses('stopped');
    await all('Activate');
    await statuses('active');
    await all('Delete');
    await page.getByText('2 done, 1 not:').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Many C' }).getByText('not ended').waitFor();
    await row(page, 'Many A').waitFor({ state: 'detached' });
    await row(page, 'Many C').waitFor();
    await page.context().close();
  });

  it('import a definition; a bad one is refused with the place of its fault, and a title that is taken as long as nobody wants a new version', async () => {
    const page = await world.signedIn(undefined, '/dags');
    const dialog = page.getByRole('dialog', { name: 'Import DAGs' });
    const importing = async (text: string) => {
      await dialog.getByRole('textbox', { name: 'Definitions' }).fill(text);
      await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    };
    const good = 'title: Imported\nsteps:\n  - id: start\n    operator: "@trigger/manual"\n';
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await importing(`${good}  - id: odd\n    operator: "@nobody/knows"\n`);
    await dialog.getByRole('alert').getByText('/steps/1/operator').waitFor();
    await importing('title: [');
    await dialog
      .getByRole('alert')
      .getByText(/Line \d+, column \d+/)
      .first()
      .waitFor();
    await importing(good);
    await page.getByRole('heading', { name: 'Imported' }).waitFor();

    await page.goto('/dags');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await importing(`${good}  - id: keep\n    operator: "@internal/checkpoint"\n`);
    await dialog.getByRole('alert').getByText('"Imported"').first().waitFor();
    await dialog.getByRole('switch', { name: 'Make a new version of DAGs whose title is taken' }).click();
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByRole('heading', { name: 'Imported' }).waitFor();
    await page.getByText('v0.0.1').first().waitFor();
    await page.context().close();
  });

  it('give a run a file that goes up when it is chosen', async () => {
    const fields = [{ key: 'report', type: 'file', required: true, name: 'Report' }];
    const end = {
      id: 'end',
      operator: '@internal/return',
      parameters: { name: '{{trigger.report.name}}', size: '{{trigger.report.bytes}}' },
    };
    const steps = [{ id: 'start', operator: '@trigger/form', parameters: { fields } }, end];
    const { id } = await world.service.must<Made>('POST', '/dags', { title: 'Takes a file', steps });
    const page = await world.signedIn(undefined, `/dags/${id}?tab=run`);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('This is required.').waitFor();
    await page
      .locator('input[type="file"]')
      .setInputFiles({ name: 'march.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') });
    await page.getByRole('button', { name: 'Start' }).click();
    await page.waitForURL('**/instances/*');
    await page.locator('h1 ~ [data-status="succeeded"]').waitFor();
    await page.getByRole('tab', { name: 'Input and result' }).click();
    const result = page.getByRole('region', { name: 'Result' });
    await result.getByText('"march.csv"').waitFor();
    await result.getByText('8', { exact: true }).waitFor();
    await page.context().close();
  });

  it('read the console in Chinese, and find it so the next time', async () => {
    const page = await world.signedIn(undefined, '/dags');
    await page.getByRole('combobox', { name: 'Language' }).click();
    await page.getByRole('option', { name: '中文' }).click();
    await page.getByRole('heading', { name: '流程' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: '流程' }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('zh');
    await page.context().close();
  });
});
