import { TOKEN } from '../service';
import { ConsoleWorld } from './console.world';

/** What somebody does who has just typed `npm start`. */
describe('a first visit', () => {
  let world: ConsoleWorld;
  beforeAll(async () => {
    world = await ConsoleWorld.open();
  });
  afterAll(async () => {
    await world.close();
    expect(world.complaints).toEqual({ cspViolations: [], pageErrors: [] });
  });

  it('signs in by the link, imports an example, runs it by its form and sees its result', async () => {
    const page = await world.signedIn();
    expect(page.url()).not.toContain(TOKEN);
    expect(await page.evaluate<number>('localStorage.length + sessionStorage.length')).toBe(0);
    await page.getByRole('heading', { name: 'No DAGs yet' }).waitFor();
    await page.getByRole('button', { name: 'Order check' }).click();
    await page.getByRole('heading', { name: 'Order check' }).waitFor();

    await page.getByRole('textbox', { name: 'Amount' }).fill('1300');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.waitForURL('**/instances/*');
    await page.locator('h1 ~ [data-status="succeeded"]').waitFor();
    await page.getByRole('tab', { name: 'Input and result' }).click();
    await page.getByRole('region', { name: 'Result' }).getByText('"review"').waitFor();

    await page.getByRole('link', { name: 'Overview' }).click();
    const hour = page.getByRole('region', { name: 'Ended in the last hour' });
    await hour.getByRole('link', { name: /succeeded\s*1/ }).waitFor();
    await hour.getByRole('img', { name: 'Instances that ended, by minute; 1 in the busiest' }).waitFor();
  });

  it('watches a run live, from its start to its end', async () => {
    const page = await world.signedIn(undefined, '/dags');
    await world.service.must('DELETE', `/dags/${(await dagOf('Order check')).id}`);
    await page.reload();
    await page.getByRole('button', { name: 'Slow motion' }).click();
    await page.getByRole('button', { name: 'Start' }).click();
    await page.waitForURL('**/instances/*');
    await page.locator('[data-live="live"]').waitFor();
    await page.locator('h1 ~ [data-status="waiting"]').waitFor();
    await page.locator('h1 ~ [data-status="succeeded"]').waitFor();
  });

  it('writes a DAG, is told what is wrong with it at its place, runs it, and makes another one of it', async () => {
    const page = await world.signedIn(undefined, '/dags');
    await page.getByRole('link', { name: 'New DAG' }).click();
    const operator = page.locator('.cm-line', { hasText: '@internal/return' });
    await operator.click();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.type('X');
    await page.getByText('/steps/1/operator').waitFor();
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('alert').getByText('@internal/returnX').first().waitFor();
    expect(page.url()).toMatch(/\/dags\/new$/);
    await operator.click();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Backspace');
    await page.getByText('valid', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'My first DAG' }).waitFor();

    await page.getByRole('link', { name: 'Run', exact: true }).click();
    await page.getByRole('textbox', { name: 'Who' }).fill('Ada');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.waitForURL('**/instances/*');
    await page.getByRole('tab', { name: 'Input and result' }).click();
    await page.getByRole('region', { name: 'Result' }).getByText('Hello Ada').waitFor();

    await page.goto(`/dags/${(await dagOf('My first DAG')).id}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Duplicate' }).click();
    await page.locator('.cm-line', { hasText: 'My first DAG (copy)' }).waitFor();
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name: 'My first DAG (copy)' }).waitFor();
  });

  it('goes back to what a DAG was', async () => {
    const dag = await dagOf('Slow motion');
    const { steps } = await world.service.must<{ steps: unknown }>('GET', `/dags/${dag.id}`);
    const changed = { title: 'Slow motion', description: 'Another one', steps, changeLog: 'another description' };
    await world.service.must('PUT', `/dags/${dag.id}`, changed);
    const page = await world.signedIn(undefined, `/dags/${dag.id}?tab=versions`);
    await page.getByText('another description').waitFor();
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
    await page.getByText('Saved as v0.0.2').waitFor();
    expect((await world.service.must<{ description: string }>('GET', `/dags/${dag.id}`)).description).not.toBe(
      'Another one',
    );
  });

  it('is shown what somebody else has saved meanwhile, and loses neither', async () => {
    const { id } = await dagOf('Slow motion');
    const page = await world.signedIn(undefined, `/dags/${id}?tab=definition`);
    const line = page.locator('.cm-line', { hasText: /^title:/ });
    await line.waitFor();
    const { steps } = await world.service.must<{ steps: unknown }>('GET', `/dags/${id}`);
    await world.service.must('PUT', `/dags/${id}`, { title: 'Slow motion', description: 'Of somebody else', steps });
    await line.click();
    await page.keyboard.press('End');
    await page.keyboard.type(' of mine');
    await page.getByText('valid', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Somebody else has saved meanwhile' });
    await dialog.getByText('Of somebody else').first().waitFor();
    expect((await world.service.must<{ title: string }>('GET', `/dags/${id}`)).title).toBe('Slow motion');
    await dialog.getByRole('button', { name: 'Save this' }).click();
    await page.getByText('Saved as v0.0.4').waitFor();
    expect((await world.service.must<{ title: string }>('GET', `/dags/${id}`)).title).toBe('Slow motion of mine');
  });

  async function dagOf(title: string): Promise<{ readonly id: string }> {
    const { items } = await world.service.must<{ items: readonly { id: string; title: string }[] }>('GET', '/dags');
    const found = items.find((one) => one.title === title);
    if (!found) throw new Error(`There is no DAG ${title}.`);
    return found;
  }
});
