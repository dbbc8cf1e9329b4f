import { Worker } from 'node:worker_threads';
import { Database, WriteTurn } from '@flow/adapters/sqlite';

/** Adds to a number in shared memory, not atomically, as often as it is told; the turn is taken as `WriteTurn` takes it. */
const ADDER = `
  const { workerData, parentPort } = require('node:worker_threads');
  const { transformFileSync } = require(workerData.swc);
  const { code } = transformFileSync(workerData.source, { module: { type: 'commonjs' }, jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } });
  const made = { exports: {} };
  new Function('module', 'exports', code)(made, made.exports);
  const turn = new made.exports.WriteTurn(workerData.shared);
  const sum = new Int32Array(workerData.sum);
  for (let i = 0; i < workerData.times; i += 1) {
    const end = turn.take();
    const before = sum[0];
    for (let spin = 0; spin < 50; spin += 1) sum[1] = spin;
    sum[0] = before + 1;
    end();
  }
  parentPort.postMessage('done');`;

describe('WriteTurn', () => {
  it('belongs to one thread at a time, and to each in the end', async () => {
    const turn = new WriteTurn();
    const sum = new SharedArrayBuffer(8);
    const times = 20_000;
    const workerData = {
      shared: turn.shared,
      sum,
      times,
      swc: require.resolve('@swc/core'),
      source: require.resolve('./write-turn'),
    };
    const threads = [1, 2].map(() => new Worker(ADDER, { eval: true, workerData }));
    await Promise.all(
      threads.map(
        (thread) =>
          new Promise((resolve, reject) => {
            thread.once('message', resolve);
            thread.once('error', reject);
          }),
      ),
    );
    expect(new Int32Array(sum)[0]).toBe(2 * times);
    await Promise.all(threads.map((thread) => thread.terminate()));
  });

  it('is free again after a write that failed, whatever failed in it', () => {
    const turn = new WriteTurn();
    const db = Database.open(':memory:', { turn });
    const isFree = () => new Int32Array(turn.shared)[0] === 0;
    expect(() => db.write('a.write', 'INSERT INTO none VALUES (1)')).toThrow('no such table');
    expect(isFree()).toBe(true);
    db.close();
    for (const flush of ['now', 'later'] as const)
      expect(() => db.transaction('a.write', () => undefined, { flush })).toThrow('not open');
    expect(isFree()).toBe(true);
  });

  it('is free again when it has ended', () => {
    const turn = new WriteTurn();
    turn.take()();
    const end = turn.take();
    expect(new Int32Array(turn.shared)[0]).not.toBe(0);
    end();
    expect(new Int32Array(turn.shared)[0]).toBe(0);
  });
});
