import type { AuditRecordView } from '@flow/audit';
import type { CloudEvent } from '@flow/events';
import { KafkaWorld } from '@flow/testing/adapters/kafka';
import { STEPS } from '../events/told';
import { Service, aFolder } from '../service';

type Told = CloudEvent<AuditRecordView & { readonly businessDomain: string }>;

describe('Audit records of a service', () => {
  it('are told as they stand, also those of before there was a broker and of processes that die on the way', async () => {
    const world = await KafkaWorld.open();
    for (const name of ['instance.lifecycle', 'dag.lifecycle']) await world.topic(name);
    const topic = await world.topic('audit', 3);
    const settings = { KAFKA_BROKERS: world.brokers, KAFKA_TOPIC_PREFIX: world.prefix };
    const folder = aFolder();
    const running: Service[] = [];
    const spawn = (more: object = {}) => {
      const service = Service.spawn(folder.path, { ...settings, ...more });
      running.push(service);
      return service;
    };
    let dags = 0;
    const work = async (service: Service, domain: string) => {
      for (let n = 0; n < 5; n += 1) {
        dags += 1;
        await service
          .call('POST', '/dags', { title: `d${dags}`, steps: STEPS }, { 'x-business-domain': domain })
          .catch(() => undefined);
      }
    };
    try {
      const silent = spawn({ KAFKA_BROKERS: '' });
      await silent.ready();
      await work(silent, 'acme');
      expect(await silent.stop()).toMatchObject({ code: 0 });
      for (const moment of ['before', 'commit', 'after']) {
        const next = spawn({ FAILPOINT: `audit.tell.${moment}` });
        await next.ready().catch(() => undefined);
        if (next.running) await work(next, 'public');
        expect([moment, (await next.exited).signal]).toEqual([moment, 'SIGKILL']);
      }
      const service = spawn();
      await service.ready();
      await work(service, 'public');
      const recorded: AuditRecordView[] = [];
      for (const domain of ['acme', 'public']) {
        const page = await service.call('GET', '/audit-records?limit=200', undefined, { 'x-business-domain': domain });
        recorded.push(...(JSON.parse(page.text) as { items: AuditRecordView[] }).items);
      }
      expect(recorded.length).toBeGreaterThanOrEqual(10);
      const events: Told[] = [];
      const ids = () => new Set(events.map(({ id }) => id));
      for (const end = Date.now() + 60_000; ids().size < recorded.length && Date.now() < end;) {
        events.length = 0;
        const found = await world.read(topic, recorded.length, 60_000);
        events.push(...found.map(({ message }) => JSON.parse(String(message.value)) as Told));
        for (const { message } of found) expect(['acme', 'public']).toContain(String(message.key));
      }
      const once = [...new Map(events.map((event) => [event.id, event])).values()];
      const viewOf = ({ businessDomain: _domain, ...view }: Told['data']): AuditRecordView => view;
      const bySequence = (a: AuditRecordView, b: AuditRecordView) => a.id.localeCompare(b.id);
      expect(once.map(({ data }) => viewOf(data)).sort(bySequence)).toEqual(recorded.sort(bySequence));
      // In their order, but for repeats.
      for (const domain of ['acme', 'public']) {
        const own = once.filter(({ data }) => data.businessDomain === domain);
        expect(own.map(({ data }) => data.sequence)).toEqual(own.map((_, n) => n + 1));
        expect(own.every(({ type }) => type === 'automation.audit.recorded')).toBe(true);
      }
      expect(await service.stop()).toMatchObject({ code: 0 });
    } finally {
      for (const service of running) await service.kill();
      folder.remove();
      await world.close();
    }
  }, 180_000);
});
