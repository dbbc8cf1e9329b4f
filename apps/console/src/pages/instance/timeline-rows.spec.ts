import type { TaskStatus, Track } from './run-model';
import { rowsOf, type Folding } from './timeline-rows';

let next = 0;
const track = (path: string, status: TaskStatus = 'succeeded', fromMs = 0, toMs: number | null = 10): Track => ({
  id: `t${String((next += 1)).padStart(6, '0')}`,
  path,
  stepId: path,
  status,
  attempt: 1,
  fromMs,
  toMs: toMs ?? undefined,
  segments: [],
  error: undefined,
});
const shown = (tracks: readonly Track[], folding: Partial<Folding> = {}) =>
  rowsOf(tracks, { toggled: new Set(), problemsOnly: false, ...folding }).map(
    ({ depth, label, kind }) => `${'  '.repeat(depth)}${label}${kind === 'iteration' ? ':' : ''}`,
  );

const LOOP = [
  track('start'),
  track('each', 'running', 0, null),
  ...Array.from({ length: 12 }, (_, i) => track(`each[${i}]/a`, i === 3 ? 'failed' : 'succeeded', i, i + 5)),
  track('each[11]/b', 'running', 20, null),
  track('size'),
  track('size/large/review'),
];

describe('rows of a timeline', () => {
  it('stand under what they are part of, with iterations folded into counts', () => {
    expect(shown(LOOP)).toEqual(['start', 'each', 'size', '  large/review']);
    const loop = rowsOf(LOOP, { toggled: new Set(), problemsOnly: false })[1];
    expect(loop).toMatchObject({ isOpen: false, iterations: { total: 12, done: 10, failed: 1, live: 1 } });
  });

  it('open one by one, iterations in the order of their numbers', () => {
    const toggled = new Set(['each', 'each[11]', 'size']);
    expect(shown(LOOP, { toggled })).toEqual([
      'start',
      'each',
      ...Array.from({ length: 12 }, (_, i) => `  [${i}]:`),
      '    a',
      '    b',
      'size',
    ]);
    const last = rowsOf(LOOP, { toggled, problemsOnly: false })[13];
    expect(last).toMatchObject({ kind: 'iteration', status: 'running', fromMs: 11, toMs: undefined });
  });

  it('can be those alone that failed or go on, with what they are within', () => {
    expect(shown(LOOP, { toggled: new Set(['each']), problemsOnly: true })).toEqual(['each', '  [3]:', '  [11]:']);
  });

  it('nest loops in loops, and handlers in what they handle', () => {
    const tracks = ['o', 'o[0]/i', 'o[0]/i[0]/x', 'o[0]/i[1]/x', 't', 't/@catch/c'].map((path) => track(path));
    expect(shown(tracks, { toggled: new Set(['o', 'o[0]', 'o[0]/i', 'o[0]/i[1]']) })).toEqual([
      'o',
      '  [0]:',
      '    i',
      '      [0]:',
      '      [1]:',
      '        x',
      't',
      '  @catch/c',
    ]);
  });

  it('are made of ten thousand iterations before anybody has to wait', () => {
    const many = [track('each'), ...Array.from({ length: 10_000 }, (_, i) => track(`each[${i}]/a`))];
    expect(rowsOf(many, { toggled: new Set(['each']), problemsOnly: false })).toHaveLength(10_001);
  });
});
