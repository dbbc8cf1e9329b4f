import { request } from 'undici';
import type { Service } from '../service';

interface Made {
  readonly id: string;
  readonly url: string | null;
}

/** What a DAG with triggers of all kinds is asked for by. */
export interface Triggered {
  readonly dag: string;
  readonly trigger: string;
  readonly letter: string;
}

const DAY_MS = 86_400_000;
const dayText = (daysAhead: number) => new Date(Date.now() + daysAhead * DAY_MS).toISOString().slice(0, 10);

/** A DAG with triggers of all kinds, some that fire often, and a call that no run takes. */
export async function aTriggeredDag(service: Service): Promise<Triggered> {
  const fields = [{ key: 'count', name: 'Count', type: 'integer', required: true }];
  const { id: dag } = await service.must<Made>('POST', '/dags', {
    title: 'Report of the morning',
    steps: [{ id: 'start', operator: '@trigger/form', parameters: { fields } }],
  });
  const add = (trigger: object) => service.must<Made>('POST', `/dags/${dag}/triggers`, trigger);
  const { id: other } = await service.must<Made>('POST', '/dags', {
    title: 'Collect',
    steps: [{ id: 'start', operator: '@trigger/manual' }],
  });
  for (const [name, cron, timezone] of [
    ['working days', '0 6 * * MON-FRI', 'Europe/Berlin'],
    ['each minute', '* 9-10 * * *', 'UTC'],
    ['each hour', '5 * * * *', 'UTC'],
    ['evening', '30 18 * * *', 'Asia/Shanghai'],
  ])
    await add({ kind: 'cron', name, config: { cron, timezone } });
  await add({
    kind: 'event',
    name: 'changes',
    config: { source: 'internal', type: 'automation.dag.*' },
    enabled: false,
  });
  await add({ kind: 'dag', name: 'behind Collect', config: { dagId: other } });
  const hook = await add({ kind: 'webhook', name: 'called' });
  const headers = { 'content-type': 'application/json' };
  const answer = await request(hook.url ?? '', { method: 'POST', headers, body: '{"count":"many"}' });
  await answer.body.dump();
  const letters = async () => (await service.must<{ items: Made[] }>('GET', '/dead-letters')).items;
  for (let asked = 0; asked < 100 && (await letters()).length === 0; asked += 1)
    await new Promise((resolve) => setTimeout(resolve, 100));
  const [letter] = await letters();
  if (!letter) throw new Error('The call that no run takes is no dead letter.');
  return { dag, trigger: hook.id, letter: letter.id };
}

/** Where triggers are seen. */
export const placesOf = ({ dag, trigger, letter }: Triggered) => ({
  'triggers-week': `/triggers?view=week&day=${dayText(7)}`,
  'triggers-day': `/triggers?view=day&day=${dayText(7)}`,
  'triggers-hour': `/triggers?view=week&day=${dayText(7)}&hour=${dayText(7)}T09:00:00Z`,
  'triggers-all': '/triggers?tab=all',
  'triggers-firings': `/triggers?tab=firings&trigger=${trigger}`,
  'triggers-dead': '/triggers?tab=dead',
  'triggers-letter': `/triggers?tab=dead&letter=${letter}`,
  'dag-triggers': `/dags/${dag}?tab=triggers`,
  'dag-triggers-cron': `/dags/${dag}?tab=triggers&add=cron`,
  'dag-triggers-webhook': `/dags/${dag}?tab=triggers&add=webhook`,
  'dag-triggers-dag': `/dags/${dag}?tab=triggers&add=dag`,
});
