import { after, inHouse, type Findings, type HouseOptions } from './house';

/** Stopped in the midst of its work for some seconds, then let go on: it was away, and does as if nothing had been. */
export function stopsAndGoesOn(options: HouseOptions, times: number, forMs: number): Promise<Findings> {
  return inHouse(options, async (house) => {
    for (let i = 0; i < times; i += 1) {
      const { over } = await house.busy(8);
      await after(house.random.fraction() * 200);
      house.service.child.kill('SIGSTOP');
      house.struckNow();
      await after(forMs * (0.5 + house.random.fraction()));
      house.service.child.kill('SIGCONT');
      await after(200);
      house.load.hush();
      await over;
      if (!house.service.running) return;
    }
  });
}

/** Asked to stop under load: it exits with 0, and nothing that it had begun is done a second time. */
export function endsUnderLoad(options: HouseOptions, times: number): Promise<Findings> {
  return inHouse(options, async (house) => {
    for (let i = 0; i < times && house.isSound; i += 1) {
      const { over } = await house.busy(8);
      await after(house.random.fraction() * 300);
      const exit = await house.service.stop();
      house.struck();
      await over;
      if (exit.code !== 0) house.report('surprise', `SIGTERM: ${JSON.stringify(exit)} ${house.service.errors}`);
      if (!(await house.mustStart())) return;
    }
  });
}
