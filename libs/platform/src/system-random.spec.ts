import { SystemRandom } from '@flow/platform';

describe('SystemRandom', () => {
  it('gives as many bytes as were asked for, each time others', () => {
    const random = new SystemRandom();
    const seen = new Set<string>();
    for (let i = 0; i < 3_000; i += 1) {
      const bytes = random.bytes(16);
      expect(bytes).toHaveLength(16);
      seen.add(Buffer.from(bytes).toString('hex'));
    }
    expect(seen.size).toBe(3_000);
    for (const length of [0, 1, 511, 512, 513, 4_096, 10_000]) expect(random.bytes(length)).toHaveLength(length);
  });

  it('gives bytes that nothing given later changes', () => {
    const random = new SystemRandom();
    const first = random.bytes(32);
    const copy = Uint8Array.from(first);
    for (let i = 0; i < 1_000; i += 1) random.bytes(32);
    expect(first).toEqual(copy);
  });

  it('uses every bit of its bytes', () => {
    const random = new SystemRandom();
    const ones = Array.from({ length: 128 }, () => 0);
    for (let i = 0; i < 2_000; i += 1)
      random.bytes(16).forEach((byte, at) => {
        for (let bit = 0; bit < 8; bit += 1) ones[at * 8 + bit]! += (byte >> bit) & 1;
      });
    // Of 2,000 draws 1,000 are expected; one in some million million draws is 7 deviations (157) away.
    for (const count of ones) expect(Math.abs(count - 1_000)).toBeLessThan(160);
  });

  it('gives fractions from 0 on and below 1', () => {
    const random = new SystemRandom();
    const fractions = Array.from({ length: 2_000 }, () => random.fraction());
    expect(fractions.every((one) => one >= 0 && one < 1)).toBe(true);
    expect(new Set(fractions).size).toBe(2_000);
    const mean = fractions.reduce((sum, one) => sum + one) / fractions.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
  });
});
