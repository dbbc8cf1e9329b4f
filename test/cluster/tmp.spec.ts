import { simulateCluster } from './cluster';
import { RULES } from './mutants';
const only = process.env.ONLY ?? '';
const most = Number(process.env.MOST ?? 40);
it('x', async () => {
  for (const [, mutants] of Object.entries(RULES))
    for (const m of mutants) {
      if (only && !m.name.includes(only)) continue;
      const t = Date.now();
      let hit = 0;
      let v = '';
      for (let s = Number(process.env.FROM ?? m.from); s < m.from + most; s += Number(process.env.STEP ?? 1)) {
        const f = await simulateCluster(s, m);
        if (f.violations.length) {
          hit = s;
          v = f.violations[0]!;
          break;
        }
      }
      process.stdout.write(`${hit} ${Date.now() - t}ms ${m.name}: ${v.slice(0, 140)}\n`);
    }
}, 1e9);
