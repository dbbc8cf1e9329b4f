import { NOTHING_TYPED, press, type Command } from './key-sequences';

/** The commands that keys come to, each typed so many milliseconds after the one before. */
function typedBy(keys: readonly string[], pauseMs = 100): readonly Command[] {
  let typed = NOTHING_TYPED;
  return keys.flatMap((key, at) => {
    const next = press(typed, key, 10_000 + at * pauseMs);
    ({ typed } = next);
    return next.command ?? [];
  });
}

describe('command keys', () => {
  it('come to a command, one or two of them', () => {
    expect(typedBy(['g', 'd'])).toEqual(['dags']);
    expect(typedBy(['?'])).toEqual(['help']);
    expect(typedBy(['g', 'i', 'r'])).toEqual(['instances', 'run']);
  });

  it('are forgotten when the second comes late', () => expect(typedBy(['g', 'd'], 1_500)).toEqual([]));

  it('begin anew with a key that does not go on', () => {
    expect(typedBy(['g', '/'])).toEqual(['search']);
    expect(typedBy(['g', 'g', 'd'])).toEqual(['dags']);
    expect(typedBy(['x', 'd'])).toEqual([]);
  });
});
