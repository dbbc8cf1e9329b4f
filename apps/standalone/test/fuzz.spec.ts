import { API_PREFIX, type OpenApiDocument } from '@flow/http';
import type { Json } from '@flow/kernel';
import fc from 'fast-check';
import { ApiWorld, MANUAL, aDefinition, type Answer } from './api-world';
import { VALUES, WHOLE, pathsIn, withValue } from './bad-values';

const RUNS = Number(process.env.FUZZ_RUNS ?? 800);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_123);
/** Requests that are under way at the same time. */
const AT_ONCE = 8;

interface Route {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  readonly fields: readonly string[];
  readonly takesBody: boolean;
}
interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: string | Buffer;
  readonly headers: Record<string, string>;
}

const json: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...VALUES) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 5 }) as fc.Arbitrary<Json> },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
);
const PATHS = pathsIn(WHOLE);
const aMutant: fc.Arbitrary<Json> = fc
  .array(fc.tuple(fc.constantFrom(...PATHS), json), { maxLength: 4 })
  .map((changes) => changes.reduce<Json>((dag, [path, value]) => tryWith(dag, path, value), WHOLE));
/** Definitions that are good and do something, so that runs, lists and versions have something to chew on. */
const aGoodOne = fc
  .tuple(fc.stringMatching(/^[a-z]{1,6}$/), fc.constantFrom<object>({}, { tags: ['a'] }, { status: 'stopped' }), json)
  .map(([title, more, value]) => ({
    ...aDefinition(title, more),
    steps: [MANUAL, { id: 'a', operator: '@internal/define', parameters: { type: 'string', value } }],
  }));

function tryWith(dag: Json, path: readonly (string | number)[], value: Json): Json {
  try {
    return withValue(dag, path, value);
  } catch {
    return value;
  }
}

const anOddHeader = fc.constantFrom<Record<string, string>>(
  { 'if-match': '"1"' },
  { 'if-match': 'x' },
  { 'idempotency-key': 'a' },
  { 'idempotency-key': 'b b' },
  { 'content-type': 'application/yaml' },
  { 'content-type': 'text/plain' },
  { 'content-type': 'application/json; charset=utf-8' },
  { 'content-encoding': 'gzip' },
  { 'x-business-domain': 'other' },
  { 'x-business-domain': '..' },
  { 'x-request-id': '\u00ff' },
  { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
);
const aHeader = fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: anOddHeader });

describe('Any request at all', () => {
  let world: ApiWorld;
  const known = { ids: ['01ARZ3NDEKTSV4RRFFQ69G5FAV'], at: 0 };

  beforeAll(async () => {
    world = await ApiWorld.open({ LOG_LEVEL: 'warn' });
    for (const title of ['one', 'two']) {
      const dag = await world.must('POST', '/dags', aDefinition(title));
      remember(dag);
      remember(await world.must('POST', `/dags/${dag.id}/run`));
    }
  });
  afterAll(() => world.close());

  /** Ids that earlier answers gave are asked for later on: state is fuzzed too. */
  function remember(answer: Answer): void {
    for (const [id] of answer.text.matchAll(/[0-9A-HJKMNP-TV-Z]{26}(?:\d{6})?/g)) {
      known.at = (known.at + 1) % 200;
      known.ids[known.at] = id;
    }
  }

  function requests(routes: readonly Route[]): fc.Arbitrary<Request> {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }).map((it) => encodeURIComponent(it)),
      fc.constantFrom(
        '%00',
        '%',
        '%zz',
        '%2e%2e',
        '..',
        'x'.repeat(700),
        'v0.0.0',
        'v0.0.1',
        'next',
        'public',
        '1',
        '-1',
        'true',
        'createdAt',
        'normal',
        'WyJhIl0',
        'P1D',
        'PT0.01S',
        'json',
        'a',
        'b',
      ),
      ...[1, 2, 3, 4].map(() => fc.nat().map((n) => known.ids[n % known.ids.length]!)),
    );
    const bodyOf = ({ path, fields, takesBody }: Route): fc.Arbitrary<string | Buffer | undefined> => {
      const shaped = fc.dictionary(
        fc.constantFrom(...fields, 'unknown'),
        fc.oneof(
          json,
          fc.nat().map((n) => known.ids[n % known.ids.length]!),
          fc.nat().map((n) => [known.ids[n % known.ids.length]!]),
        ),
      );
      const kinds: fc.Arbitrary<Json | object>[] = fields.length > 0 ? [shaped, json] : [aMutant, aGoodOne, aGoodOne];
      const told = fc.oneof(...kinds).map((value) => JSON.stringify(value));
      const broken = fc
        .tuple(told, fc.nat(), fc.constantFrom('', '\u0000', '{', '"', '\\ud800', '__proto__'))
        .map(([it, n, with_]) => it.slice(0, n % (it.length + 1)) + with_);
      const bytes = fc.uint8Array({ maxLength: 200 }).map((it) => Buffer.from(it));
      const nothing = fc.constant(undefined);
      const many = path.endsWith('/import')
        ? [fc.array(aGoodOne, { maxLength: 4 }).map((it) => JSON.stringify(it))]
        : [];
      return takesBody
        ? fc.oneof(
            { weight: 8, arbitrary: fc.oneof(told, ...many) },
            { weight: 1, arbitrary: broken },
            { weight: 1, arbitrary: bytes },
            { weight: 2, arbitrary: nothing },
          )
        : fc.oneof({ weight: 9, arbitrary: nothing }, { weight: 1, arbitrary: told });
    };
    // What makes and starts things comes more often: on an empty service everything is only unknown.
    const making = routes.filter(
      ({ method, path }) => method === 'POST' && /\/(dags|run|import|variables)$/.test(path),
    );
    return fc.constantFrom(...routes, ...making, ...making, ...making).chain((route) =>
      fc
        .tuple(
          fc.array(text, { minLength: 3, maxLength: 3 }),
          fc.oneof(
            { weight: 2, arbitrary: fc.constant([]) },
            {
              weight: 1,
              arbitrary: fc.array(fc.tuple(fc.constantFrom(...route.query, 'unknown'), text), { maxLength: 2 }),
            },
          ),
          bodyOf(route),
          aHeader,
          fc.oneof(
            { weight: 20, arbitrary: fc.constant(route.method) },
            {
              weight: 1,
              arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'),
            },
          ),
        )
        .map(([ids, query, body, headers, method]) => {
          const path = ids.reduce((at, id) => at.replace(/\{\w+\}/, () => id), route.path);
          const asked = query.map(([name, value]) => `${name}=${value}`).join('&');
          return {
            method,
            path: `${path.slice(API_PREFIX.length)}${asked && `?${asked}`}`,
            headers,
            ...(body !== undefined && { body }),
          };
        }),
    );
  }

  it(
    `is answered, and never by an error of ours (${RUNS} requests; FUZZ_RUNS asks for more)`,
    async () => {
      const document: OpenApiDocument = (await world.must('GET', '//openapi.json')).as();
      const schemas = document.components.schemas as Record<string, { properties?: object }>;
      const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.entries(methods).flatMap(([method, operation]) => {
          const reference = operation.requestBody?.content['application/json']?.schema.$ref;
          const name = typeof reference === 'string' ? reference.split('/').pop() : undefined;
          const route: Route = {
            method: method.toUpperCase(),
            path,
            query: operation.parameters
              .filter((parameter) => parameter.in === 'query')
              .map((parameter) => parameter.name),
            fields: Object.keys((name !== undefined && schemas[name]?.properties) || {}),
            takesBody: operation.requestBody !== undefined,
          };
          return path.startsWith(API_PREFIX) ? [route] : [];
        }),
      );
      const statuses = new Map<number, number>();
      const ask = async ({ method, path, body, headers }: Request): Promise<void> => {
        const answer = await world.call(method, path, body, { headers });
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        remember(answer);
        const what = `${method} ${path} ${JSON.stringify(headers)} ${String(body)}`;
        if (answer.status >= 500) throw new Error(`${answer.status} to ${what}`);
        if (answer.status < 400 || method === 'HEAD') return;
        const { code, status } = answer.problem;
        if (status !== answer.status || !/^[a-z_]+\.[a-z_]+$/.test(code)) throw new Error(`${answer.text} to ${what}`);
      };
      const batch = fc.array(requests(routes), { minLength: AT_ONCE, maxLength: AT_ONCE });
      await fc.assert(
        fc.asyncProperty(batch, async (asked) => {
          await Promise.all(asked.map(ask));
        }),
        { seed: SEED, numRuns: Math.ceil(RUNS / AT_ONCE), endOnFailure: true },
      );
      expect(world.errors).toEqual([]);
      expect((await world.call('GET', '//health/alive', undefined, { token: null })).status).toBe(200);
      // It went deeper than the first check.
      expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 400, 404]));
      if (process.env.FUZZ_RUNS) process.stdout.write(`${JSON.stringify(Object.fromEntries(statuses))}\n`);
    },
    20_000 + RUNS * 30,
  );
});
