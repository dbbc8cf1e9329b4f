import type { Fault } from '../../../api/problem';
import type { TriggerRow } from '../../../api/triggers.queries';
import { readJson, writeJson } from '../../../parts/json-text';
import type { AddedKind } from './added-kinds';

export const ON_FULL = ['queue', 'queueOne', 'reject', 'cancelOldest', 'cancelOthers'] as const;

export type JsonObject = Readonly<Record<string, unknown>>;

/** A trigger while it is written. What stands in `config` and `input` is JSON as it was typed: fields beside them read it and write into it. */
export interface Draft {
  readonly kind: TriggerRow['kind'];
  readonly name: string;
  readonly enabled: boolean;
  readonly config: string;
  readonly input: string;
  readonly filter: string;
  readonly dedupeKey: string;
  readonly max: string;
  readonly onFull: string;
}

const FIRST_CONFIG: Readonly<Record<AddedKind, (zone: string) => JsonObject>> = {
  cron: (timezone) => ({ cron: '0 6 * * *', timezone }),
  webhook: () => ({}),
  event: () => ({ source: 'internal' }),
  dag: () => ({}),
  manual: () => ({}),
};

export const newDraft = (kind: AddedKind, zone: string): Draft => ({
  kind,
  name: '',
  enabled: true,
  config: writeJson(FIRST_CONFIG[kind](zone)),
  input: '',
  filter: '',
  dedupeKey: '',
  max: '',
  onFull: 'queue',
});

type Content = 'kind' | 'name' | 'enabled' | 'config' | 'input' | 'filter' | 'dedupeKey' | 'concurrency';

/** Of a schedule that names `overlap`, the limit follows from that: it is no other one. */
export function draftOf(trigger: Pick<TriggerRow, Content>): Draft {
  const { kind, name, enabled, config, input, filter, dedupeKey, concurrency } = trigger;
  const own = concurrency !== null && config?.['overlap'] === undefined ? concurrency : {};
  return {
    kind,
    name,
    enabled,
    config: writeJson(config ?? {}),
    input: input === null ? '' : writeJson(input),
    filter: filter ?? '',
    dedupeKey: dedupeKey ?? '',
    max: typeof own['max'] === 'number' ? String(own['max']) : '',
    onFull: typeof own['onFull'] === 'string' ? own['onFull'] : 'queue',
  };
}

const orNull = (text: string) => (text.trim() === '' ? null : text);

/** What is sent; faults of what is no JSON in its place, by pointers as the service has them. */
export function bodyOf(draft: Draft) {
  const { kind, name, enabled, filter, dedupeKey, max, onFull } = draft;
  const [config, input] = [objectOf(draft.config), objectOf(draft.input)];
  const faults: Fault[] = [];
  if ('fault' in config) faults.push({ pointer: '/config', code: 'json.malformed', message: config.fault });
  if ('fault' in input) faults.push({ pointer: '/input', code: 'json.malformed', message: input.fault });
  const body = {
    kind,
    name,
    enabled,
    config: ('value' in config ? config.value : undefined) ?? {},
    input: ('value' in input ? input.value : undefined) ?? null,
    filter: orNull(filter),
    dedupeKey: orNull(dedupeKey),
    concurrency: max === '' ? null : { max: Number(max), onFull },
  };
  return { body, faults };
}

/** The config as it was typed; undefined while it cannot be read. */
export function configOf({ config }: Pick<Draft, 'config'>): JsonObject | undefined {
  const read = objectOf(config);
  return 'fault' in read ? undefined : (read.value ?? {});
}

function objectOf(text: string): { readonly value: JsonObject | undefined } | { readonly fault: string } {
  const read = readJson(text);
  if ('fault' in read) return read;
  const { value } = read;
  if (value === undefined || isObject(value)) return { value };
  return { fault: 'A JSON object is needed: { "key": "value" }' };
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a place of a config. */
export const valueAt = (config: JsonObject, [key = '', ...rest]: readonly string[]): unknown => {
  const value = config[key];
  return rest.length === 0 ? value : isObject(value) ? valueAt(value, rest) : undefined;
};

const isNothing = (value: unknown) =>
  value === undefined ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

/** A config with another value at a place; what is nothing is left out, and so is what holds nothing else. */
export function withValue(config: JsonObject, [key = '', ...rest]: readonly string[], value: unknown): JsonObject {
  const { [key]: inner, ...others } = config;
  const next = rest.length === 0 ? value : withValue(isObject(inner) ? inner : {}, rest, value);
  if (isNothing(next)) return others;
  // A key that stands keeps its place.
  return { ...config, [key]: next };
}

/** The first fault at a place, or below it. */
export const faultAt = (faults: readonly Fault[], pointer: string): string | undefined =>
  faults.find((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`))?.message;
