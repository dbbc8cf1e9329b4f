import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aFolder } from '../service';
import { after, inHouse, until, type Findings, type HouseOptions } from './house';
import { fakeClock } from './tools';

/** Seconds that the wall clock is away from the truth, one after another. Less than the day for which an Idempotency-Key stands. */
const JUMPS = [3_600, -1_800, 30, -30, 7_200, 0];

/** The wall clock jumps under load, ahead and back: no timer rings early, nothing is called twice, all comes to its end. */
export async function jumpingClocks(options: HouseOptions, times: number): Promise<Findings> {
  const control = aFolder();
  const file = join(control.path, 'clock');
  const set = (seconds: number) => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}s\n`);
  try {
    set(0);
    return await inHouse({ ...options, environment: fakeClock(file), clockJumps: true }, async (house) => {
      for (let i = 0; i < times && house.isSound; i += 1) {
        const seconds = JUMPS[i % JUMPS.length]!;
        const { over } = await house.busy(8);
        await after(house.random.fraction() * 300);
        house.struckNow();
        set(seconds);
        house.load.jumped(Date.now());
        await after(300);
        house.load.hush();
        await over;
        // The service itself says what time it has; it reads its clock once a second for that.
        const { address } = house.service;
        await until(async () => Math.abs((await clockOf(address)) - Date.now() - 1_000 * seconds) < 5_000);
      }
    });
  } finally {
    control.remove();
  }
}

async function clockOf(address: string): Promise<number> {
  const { headers } = await fetch(`${address}/health/alive`);
  return Date.parse(headers.get('date') ?? '');
}
