import { ArchiveLines } from './archive.lines';
import { momentGiven } from './archive.command';
import { UsageWrong } from './command.errors';
import { ServiceAway } from './service.errors';

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string, size: number) {
  const lines = new ArchiveLines();
  let given = '';
  for await (const piece of lines.watching(cut(text, size))) given += Buffer.from(piece).toString('latin1');
  return { lines, given: Buffer.from(given, 'latin1').toString('utf8') };
}

describe('the lines of an archive', () => {
  const text = [
    { record: 'instance', id: 'ü', input: { text: `{"record":"whole"${'x'.repeat(10_000)}` } },
    { record: 'whole', instance: 'ü', cursor: 'a' },
    { record: 'instance', id: 'b' },
    { record: 'whole', instance: 'b', cursor: 'b' },
    { record: 'end', nextCursor: 'b' },
  ]
    .map((one) => `${JSON.stringify(one)}\n`)
    .join('');

  it.each([1, 7, 100, 5_000, 1_000_000])(
    'are counted and handed on, however they are cut: in pieces of %i',
    async (size) => {
      const { lines, given } = await read(text, size);
      expect(given).toBe(text);
      expect([lines.whole, lines.next]).toEqual([2, 'b']);
    },
  );

  it('without an end were cut off', async () => {
    await expect(read(text.slice(0, -1), 100)).rejects.toThrow(ServiceAway);
    await expect(read('', 1)).rejects.toThrow(ServiceAway);
  });
});

describe('the moment of an archive', () => {
  const now = new Date('2026-03-01T12:00:00.000Z');

  it('is a time, or an age', () => {
    expect(momentGiven('2026-01-31T08:00:00Z', now)).toBe('2026-01-31T08:00:00.000Z');
    expect(momentGiven('2026-01-31', now)).toBe('2026-01-31T00:00:00.000Z');
    expect(momentGiven('30d', now)).toBe('2026-01-30T12:00:00.000Z');
    expect(momentGiven('12h', now)).toBe('2026-03-01T00:00:00.000Z');
    expect(momentGiven('PT30M', now)).toBe('2026-03-01T11:30:00.000Z');
  });

  it.each(['', 'yesterday', '30', '-1d', '2026-13-45'])('is not %j', (given) => {
    expect(() => momentGiven(given, now)).toThrow(UsageWrong);
  });
});
