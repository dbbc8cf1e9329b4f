import { simulateCluster } from './cluster';
import { ClusterEvidence } from './faults';
it('x', async () => {
  const ev = new ClusterEvidence();
  let bad = 0;
  for (let s = Number(process.env.FROM ?? 1); s < Number(process.env.TO ?? 60); s++) {
    const f = await simulateCluster(s);
    ev.add(f.evidence);
    if (f.violations.length) {
      bad++;
      process.stdout.write(`BAD ${s} ${f.violations[0]!.slice(0, 200)}\n`);
    }
  }
  process.stdout.write(`bad ${bad} ${JSON.stringify(ev)}\n`);
}, 1e9);
