import { openDocuments } from '@flow/adapters/embedded';
import { done } from '@flow/operators';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';
import { FINDINGS, type Findings } from './reconciler';

const ann = aCaller();
const NOTHING = Object.fromEntries(FINDINGS.map((finding) => [finding, 0])) as Findings;

describe('the sweep that finds what nobody goes on with', () => {
  let world: RunWorld;
  beforeEach(async () => {
    world = await RunWorld.open();
  });
  afterEach(() => world.close());

  const start = async (operator = '@test/call', parameters = {}) => {
    const dag = await world.aDag([{ id: 'a', operator, parameters }]);
    const { id } = await world.service.start(ann, dag.id, {});
    await settle();
    return id;
  };
  /** Changes rows behind the service's back. */
  const meddle = (sql: string, ...values: string[]) => {
    const db = openDocuments(world.folder);
    db.write('test.meddle', sql, ...values);
    db.close();
  };
  const sweep = () => world.runs.reconciler.sweep();

  it('finds nothing where all is well', async () => {
    await start();
    await start('@control/wait', { duration: 'P1D' });
    const ended = await start();
    await world.answer(done(null));
    await world.runner.projector.caughtUp();
    expect((await world.service.get(ann, ended)).status).toBeDefined();
    expect(await sweep()).toEqual(NOTHING);
    await start();
    expect(await sweep()).toEqual(NOTHING);
  });

  it('claims again what this worker does not hold although a row says so', async () => {
    const id = await start('@control/callback');
    await world.clock.advance(2_000);
    await world.runner.projector.caughtUp();
    expect(world.runner.holds(id)).toBe(false);
    meddle('UPDATE instances SET owner = ? WHERE id = ?', world.runner.workerId, id);
    expect((await world.service.why(ann, id)).waitingFor).toMatchObject([{ kind: 'recovering' }]);
    expect(await sweep()).toEqual({ ...NOTHING, unheld: 1 });
    expect(world.runner.holds(id)).toBe(true);
    expect(await sweep()).toEqual(NOTHING);
    await world.runs.actions.cancel(ann, id, { reason: null });
    expect((await world.service.get(ann, id)).status).toBe('cancelled');
  });

  it('claims what a worker holds that is not there any more', async () => {
    const id = await start('@control/callback');
    await world.clock.advance(2_000);
    await world.runner.projector.caughtUp();
    meddle('UPDATE instances SET owner = ? WHERE id = ?', 'nobody', id);
    expect(await sweep()).toEqual({ ...NOTHING, orphaned: 1 });
    expect(world.runner.holds(id)).toBe(true);
  });

  it('takes up what is long overdue', async () => {
    const id = await start('@control/wait', { duration: 'P1D' });
    await world.runner.projector.caughtUp();
    expect(world.runner.holds(id)).toBe(false);
    meddle('UPDATE instances SET wake_ms = 1 WHERE id = ?', id);
    expect(await sweep()).toEqual({ ...NOTHING, overdue: 1 });
    await settle();
    expect(world.runner.holds(id)).toBe(true);
  });

  it('takes the owner off what has ended', async () => {
    const id = await start();
    await world.answer(done(null));
    await world.runner.projector.caughtUp();
    meddle('UPDATE instances SET owner = ? WHERE id = ?', world.runner.workerId, id);
    expect(await sweep()).toEqual({ ...NOTHING, owned_end: 1 });
    expect(await sweep()).toEqual(NOTHING);
    expect((await world.service.get(ann, id)).status).toBe('succeeded');
  });

  it('sends messages that stood at the sweep before too', async () => {
    const id = await start('@control/callback');
    const message = JSON.stringify({ kind: 'child.cancel', child: id });
    meddle('INSERT INTO outbox (id, message) VALUES (?, ?)', 'I:1:0', message);
    expect(await sweep()).toEqual(NOTHING);
    expect(await sweep()).toEqual({ ...NOTHING, undelivered: 1 });
    await world.runner.projector.caughtUp();
    expect((await world.service.get(ann, id)).status).toBe('cancelled');
    await world.runner.projector.caughtUp();
    expect(await sweep()).toEqual(NOTHING);
  });
});
