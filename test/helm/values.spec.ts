import { SETTINGS, SETTING_NAMES } from '@flow/settings';
import Ajv from 'ajv';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, parse, parseDocument, type YAMLMap } from 'yaml';
import { CHART, kept } from './chart';

/** The chart says these itself: they follow from how it deploys. */
const OF_THE_CHART = ['API_SERVER_HOST', 'API_SERVER_PORT', 'API_SERVER_PRIVATE_PORT', 'DATA_DIR', 'DRAIN_TIMEOUT'];

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: { readonly enum: readonly string[] };
  readonly definitions: Readonly<Record<string, Schema>>;
}

const read = (name: string) => readFileSync(join(CHART, name), 'utf8');
const schema = JSON.parse(read('values.schema.json')) as Schema;
const accepts = new Ajv({ strict: false }).compile(schema);

describe("The chart's values", () => {
  it('may hold every setting that is neither secret nor its own', () => {
    const plain = SETTING_NAMES.filter((name) => !SETTINGS[name].secret && !OF_THE_CHART.includes(name)).sort();
    expect(schema.definitions.settings?.propertyNames?.enum).toEqual(plain);
  });

  it('may hold every secret setting, and the templates hand each on', () => {
    const secret = SETTING_NAMES.filter((name) => SETTINGS[name].secret).sort();
    expect(Object.keys(schema.definitions.secrets?.properties ?? {})).toEqual(secret);
    const helpers = read('templates/_helpers.tpl');
    const handed = ['secretsNeeded', 'secretsOptional'].flatMap(
      (name) => new RegExp(`define "flow.${name}" -}}\n(.*)\n`).exec(helpers)?.[1]?.split(' ') ?? [],
    );
    expect(handed.sort()).toEqual(secret);
  });

  it('are accepted as they are, and a name that is not there is refused wherever it stands', () => {
    const values = parse(read('values.yaml')) as Json;
    expect([accepts(values), accepts.errors]).toEqual([true, null]);
    const places = objectsIn(values).filter((path) => !FREE.test(path.join('.')));
    expect(places.length).toBeGreaterThan(30);
    for (const path of places)
      expect([path.join('.'), accepts(withTypo(values, path))]).toEqual([path.join('.'), false]);
  });

  it('steer by metrics that there are', () => {
    const named = [...read('templates/autoscalers.yaml').matchAll(/name: flow_(\w+)/g)].map(([, name]) => name);
    expect(named).toEqual(['operator_calls', 'dispatch_waiting']);
    const sources = join('libs', 'composition', 'src');
    const gauges = readdirSync(sources)
      .filter((name) => name.endsWith('.providers.ts'))
      .flatMap((name) => [...readFileSync(join(sources, name), 'utf8').matchAll(/metrics\.gauge\(\s*'(\w+)'/g)])
      .map(([, name]) => name);
    expect(gauges).toEqual(expect.arrayContaining(named));
  });

  it('are all in the table of the README (UPDATE_HELM=1 renews it)', () => {
    const [before, , after] = read('README.md').split(/(?<=<!-- values -->\n)|(?=<!-- \/values -->)/);
    const now = [before, ...tableOf(parseDocument(read('values.yaml')).contents as YAMLMap), after].join('');
    expect(now).toBe(kept(join(CHART, 'README.md'), now));
  });
});

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What may hold any name: labels, annotations, and what Kubernetes alone understands. */
const FREE = /(^|\.)(settings|annotations|podAnnotations|podLabels|labels|matchLabels|nodeSelector|affinity)$/;

const isObject = (value: Json): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function objectsIn(value: Json, path: readonly string[] = []): readonly (readonly string[])[] {
  const inner = Array.isArray(value) || isObject(value) ? Object.entries(value) : [];
  return [
    ...(isObject(value) ? [path] : []),
    ...inner.flatMap(([name, one]) => objectsIn(one as Json, [...path, name])),
  ];
}

function withTypo(value: Json, path: readonly string[]): Json {
  const copy = structuredClone(value);
  const at = path.reduce<Json>((inner, name) => (inner as Record<string, Json>)[name] as Json, copy);
  (at as Record<string, Json>).typo = 1;
  return copy;
}

/** A line for each value that has a `# --` above it. */
function tableOf(map: YAMLMap, within = ''): string[] {
  const lines = within === '' ? ['| Value | Default | |\n', '|---|---|---|\n'] : [];
  for (const { key, value } of map.items) {
    if (!isScalar(key)) continue;
    const name = `${within}${String(key.value)}`;
    const above = key.commentBefore ?? (map.items[0]?.key === key ? (map.commentBefore ?? '') : '');
    const about = above
      .split('\n')
      .filter((line) => line.startsWith(' -- '))
      .map((line) => line.slice(4));
    const plain = JSON.stringify((value as { toJSON(): Json }).toJSON());
    if (about.length > 0)
      lines.push(`| \`${name}\` | \`${plain.length > 60 ? '...' : plain}\` | ${about.join(' ')} |\n`);
    else if (isMap(value)) lines.push(...tableOf(value, `${name}.`));
    else throw new Error(`${name} in values.yaml has no line of what it is (# -- ...).`);
  }
  return lines;
}
