import { SeededRandom } from '@flow/testing/kernel';
import { workerBellContract } from '@flow/testing/instances';
import { Door } from '../simulation/door';
import { VirtualTime } from '../simulation/virtual-time';
import { Bells } from './bell';
import { ClusterEvidence, ClusterFaults } from './faults';

workerBellContract('a bell of the simulation, in calm', async () => {
  const time = new VirtualTime();
  const evidence = new ClusterEvidence();
  const faults = new ClusterFaults(new SeededRandom(1), evidence, false);
  faults.isCalm = true;
  const bells = new Bells(time, faults);
  const bell = () =>
    bells.behind(
      new Door(
        time,
        faults,
        evidence,
        () => undefined,
        () => undefined,
      ),
    );
  return {
    here: bell(),
    there: bell(),
    settled: async () => {
      const until = time.nowMs + 1_000;
      while (await time.step(until));
    },
    close: () => undefined,
  };
});
