import type { CloudEvent } from '@flow/events';
import type { InstanceEventData } from '@flow/instances';
import type { KafkaWorld } from '@flow/testing/adapters/kafka';
import { request } from 'undici';
import { TOKEN, type Service, type Target } from '../service';

export type Told = CloudEvent<InstanceEventData>;

export const STEPS = [
  { id: '0', operator: '@trigger/manual' },
  { id: '1', operator: '@internal/text/join', parameters: { texts: ['a', 'b'], separator: ',' } },
];

export const toldOn = async (world: KafkaWorld, topic: string, count: number) =>
  (await world.read(topic, count, 60_000)).map(({ message }) => JSON.parse(String(message.value)) as Told);

/** One of each id, as it came first. */
export const firstOnes = (events: readonly Told[]) => [
  ...new Map([...events].reverse().map((one) => [one.id, one])).values(),
];

export const typesByInstance = (events: readonly Told[]) => {
  const types = new Map<string, string[]>();
  for (const { subject, type } of [...firstOnes(events)].reverse())
    types.set(subject, [...(types.get(subject) ?? []), type.replace('automation.instance.', '')]);
  return types;
};

export async function started(service: Pick<Target, 'must'>, count: number): Promise<string[]> {
  const { id: dag } = await service.must<{ id: string }>('POST', '/dags', {
    title: `Told ${Math.random()}`,
    steps: STEPS,
  });
  return Promise.all(
    Array.from(
      { length: count },
      async () => (await service.must<{ id: string }>('POST', `/dags/${dag}/run?wait=PT20S`, {})).id,
    ),
  );
}

export async function until(isSo: () => Promise<boolean>, withinMs = 30_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`It has not come to be within ${withinMs} ms: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const metric = async (service: Service, name: string) => {
  const { body } = await request(`${service.privateAddress}/metrics`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  return Number(new RegExp(`^flow_${name} (\\S+)$`, 'm').exec(await body.text())?.[1]);
};

export const health = async (service: Service) => {
  const { body, statusCode } = await request(`${service.privateAddress}/health/ready`);
  return { statusCode, ...((await body.json()) as { status: string; checks: Record<string, string> }) };
};
