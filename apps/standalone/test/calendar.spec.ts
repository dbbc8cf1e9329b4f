import { Flows } from './flows';

interface Calendar {
  readonly hours: readonly {
    readonly at: string;
    readonly schedules: number;
    readonly fires: number;
    readonly more: boolean;
    readonly items: readonly {
      readonly triggerId: string;
      readonly count: number;
      readonly times: readonly string[];
    }[];
  }[];
  readonly triggers: readonly { readonly id: string; readonly dagId: string; readonly timezone: string }[];
  readonly completeUntil: string | null;
}

const DAY_MS = 86_400_000;

describe('The calendar of schedules', () => {
  let flows: Flows;
  beforeAll(async () => (flows = await Flows.start()));
  beforeEach(() => flows.renew());
  afterAll(() => flows.close());

  it('tells what fires hour by hour, and what has no schedule to fire is not in it', async () => {
    const dagId = await flows.aDag([{ id: 'end', operator: '@internal/return' }]);
    const aTrigger = async (body: object) => (await flows.must('POST', `/dags/${dagId}/triggers`, body)).id;
    const often = await aTrigger({ kind: 'cron', config: { cron: '* 9 * * *' } });
    const daily = await aTrigger({ kind: 'cron', name: 'daily', config: { cron: '15 9 * * *', timezone: 'UTC' } });
    await aTrigger({ kind: 'manual' });
    await aTrigger({ kind: 'cron', enabled: false, config: { cron: '30 9 * * *' } });
    const day = new Date(Math.ceil(Date.now() / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
    const asked = `/triggers/calendar?from=${day}T00:00:00Z&to=${day}T23:00:00Z`;
    expect((await flows.must('GET', asked)).as<Calendar>()).toEqual({
      hours: [
        {
          at: `${day}T09:00:00.000Z`,
          schedules: 2,
          fires: 61,
          more: false,
          items: [
            { triggerId: daily, count: 1, more: false, times: [`${day}T09:15:00.000Z`] },
            {
              triggerId: often,
              count: 60,
              more: false,
              times: [0, 1, 2, 3, 4, 5].map((minute) => `${day}T09:0${minute}:00.000Z`),
            },
          ],
        },
      ],
      triggers: [
        { id: daily, dagId, name: 'daily', description: 'every day at 09:15 UTC', timezone: 'UTC' },
        { id: often, dagId, name: '', description: 'at times of cron * 9 * * * UTC', timezone: 'UTC' },
      ],
      completeUntil: null,
    });
    const few = (await flows.must('GET', `${asked}&perHour=1`)).as<Calendar>();
    expect([few.hours[0]?.schedules, few.hours[0]?.items.map(({ triggerId }) => triggerId)]).toEqual([2, [daily]]);
    expect(few.triggers.map(({ id }) => id)).toEqual([daily]);
  });

  it('is asked for some days at once, no more', async () => {
    for (const [from, to, pointer] of [
      ['2026-11-30T00:00:00Z', '2026-12-09T00:00:00Z', '/to'],
      ['2026-11-30T00:00:00Z', '2026-11-30T00:00:00Z', '/to'],
      ['yesterday', '2026-11-30T00:00:00Z', '/from'],
    ]) {
      const answer = await flows.ask('GET', `/triggers/calendar?from=${from}&to=${to}`);
      expect([answer.status, (answer.json as { errors: { pointer: string }[] }).errors[0]?.pointer]).toEqual([
        400,
        pointer,
      ]);
    }
  });
});

describe('A schedule that is not made yet', () => {
  let flows: Flows;
  beforeAll(async () => (flows = await Flows.start()));
  beforeEach(() => flows.renew());
  afterAll(() => flows.close());

  it('tells when it would fire', async () => {
    const config = { cron: '0 9 1 1 ?', timezone: 'Europe/Berlin' };
    const { description, items } = (await flows.must('POST', '/triggers/preview', { config, n: 2 })).as<{
      description: string;
      items: { at: string; local: string }[];
    }>();
    expect(description).toBe('on day 1 of January at 09:00 Europe/Berlin');
    expect(items.map(({ local }) => local.slice(4))).toEqual(['-01-01T09:00:00+01:00', '-01-01T09:00:00+01:00']);
  });

  it('tells every fault at its place, and nothing is made', async () => {
    const config = { cron: '61 * * * *', timezone: 'Europe/Berlni', exclude: ['nothing'] };
    const answer = await flows.ask('POST', '/triggers/preview', { config });
    expect(answer).toMatchObject({
      status: 400,
      json: {
        code: 'trigger.invalid',
        errors: [{ pointer: '/config/cron' }, { pointer: '/config/timezone' }, { pointer: '/config/exclude/0' }],
      },
    });
    const never = await flows.ask('POST', '/triggers/preview', { config: { cron: '0 0 30 2 *' } });
    expect(never).toMatchObject({
      status: 400,
      json: { errors: [{ pointer: '/config/cron', code: 'schedule.never_fires' }] },
    });
    expect((await flows.must('GET', '/triggers')).json).toMatchObject({ items: [] });
  });
});
