/**
 * CPU time of this process for a piece of work, in units of a reference work that is measured beside it. Neither a busy machine nor a
 * slow one changes it much, so that a bound on it tells quadratic work from linear, not a fast machine from a slow one.
 */
export async function effortOf(work: () => unknown): Promise<number> {
  const units = [await cpuTimeOf(referenceWork), await cpuTimeOf(referenceWork), await cpuTimeOf(referenceWork)];
  return (await cpuTimeOf(work)) / Math.min(...units);
}

async function cpuTimeOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** About 3 ms on a machine of 2024. */
function referenceWork(): number {
  const words = Array.from({ length: 10_000 }, (_, i) => `word ${(i * 7919) % 10_007}`);
  return new Set(words.sort()).size;
}
