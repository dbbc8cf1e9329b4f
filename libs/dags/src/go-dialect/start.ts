import { isJsonObject, type Json, type JsonObject } from '@flow/kernel';
import type { Notes } from './notes';
import { isEmpty } from './weak';

/** Starts that bring no data of their own kind: whatever `trigger_config` names can stand in their place. */
const PLAIN = /^@trigger\/(manual|event|cron(\/(week|month|custom))?)$/;
const VENDOR = /^@anyshare-trigger\//;
const CRON = /^@trigger\/cron(\/|$)/;

/** Where a start can be described beside its step. */
export interface StartPlaces {
  /** Pointer of the first step. */
  readonly step: string;
  /** Pointer of `trigger_config`. */
  readonly config: string;
}

/**
 * The first step and `trigger_config` as one trigger. Workflows describe their start in the step alone; data flows say in the step
 * what a run gets and in `trigger_config` what starts it.
 */
export function startOf(step: JsonObject, config: Json | undefined, at: StartPlaces, notes: Notes): JsonObject {
  const { dataSource, cron, settings, operator, ...others } = step;
  refuseSource(dataSource, `${at.step}/dataSource`, notes);
  if (!isEmpty(settings))
    notes.warn(
      `${at.step}/settings`,
      'go.field_ignored',
      'A trigger calls nothing that "settings" could bound; they are left out.',
    );
  const given = isJsonObject(config) ? config : {};
  refuseSource(given.dataSource, `${at.config}/dataSource`, notes);
  const started = startedBy(operator, given.operator, at, notes);
  const id = started ?? operator;
  if (typeof id === 'string' && VENDOR.test(id))
    notes.refuse(
      `${at.step}/operator`,
      'operator.not_available',
      `The trigger ${id} belongs to a document system that is not here.`,
    );
  const parameters = isJsonObject(step.parameters) ? step.parameters : {};
  const own = withoutConfigured(given, at, notes);
  const time = CRON.test(typeof id === 'string' ? id : '') ? cronOf(cron, parameters, given, at, notes) : {};
  if (!isEmpty(cron) && !('cron' in time))
    notes.warn(`${at.step}/cron`, 'go.field_ignored', 'The trigger follows no clock; "cron" is left out.');
  const merged = { ...own, ...parameters, ...time };
  return {
    ...others,
    ...(id !== undefined && { operator: id }),
    ...(Object.keys(merged).length > 0 ? { parameters: merged } : {}),
  };
}

/** The operator that `trigger_config` puts in the place of the step's; undefined when the step's stays. */
function startedBy(
  operator: Json | undefined,
  configured: Json | undefined,
  at: StartPlaces,
  notes: Notes,
): string | undefined {
  if (typeof configured !== 'string' || configured === '' || configured === operator) return undefined;
  if (typeof operator === 'string' && !PLAIN.test(operator) && !VENDOR.test(configured)) {
    // Started by hand is what every start can be.
    if (configured === '@trigger/manual') return undefined;
    notes.refuse(
      `${at.config}/operator`,
      'go.start_unclear',
      `Runs of ${operator} bring data that ${configured} cannot give; make the first step ${configured} too, or start it by hand.`,
    );
    return undefined;
  }
  notes.moved(`${at.step}/operator`, `${at.config}/operator`);
  return configured;
}

function cronOf(
  cron: Json | undefined,
  parameters: JsonObject,
  config: JsonObject,
  at: StartPlaces,
  notes: Notes,
): JsonObject {
  const places: readonly (readonly [string, Json | undefined])[] = [
    [`${at.config}/cron`, config.cron],
    [`${at.step}/cron`, cron],
    [`${at.step}/parameters/cron`, parameters.cron],
  ];
  const [first] = places.filter(([, value]) => !isEmpty(value));
  if (!first) return {};
  const [from, value] = first;
  notes.moved(`${at.step}/parameters/cron`, from);
  return { cron: value ?? null };
}

/** What `trigger_config` holds beside the operator, the time and the source: its parameters count as those of the step. */
function withoutConfigured(config: JsonObject, at: StartPlaces, notes: Notes): JsonObject {
  for (const [key, value] of Object.entries(config))
    if (!['operator', 'dataSource', 'cron', 'parameters'].includes(key) && !isEmpty(value))
      notes.warn(`${at.config}/${key}`, 'go.field_ignored', `Nobody reads "${key}" here; it is left out.`);
  const { parameters } = config;
  if (!isJsonObject(parameters)) return {};
  for (const key of Object.keys(parameters))
    notes.moved(`${at.step}/parameters/${key}`, `${at.config}/parameters/${key}`);
  return parameters;
}

/** Records of a data source start a run each; none of the sources is here. */
function refuseSource(source: Json | undefined, pointer: string, notes: Notes): void {
  if (isEmpty(source)) return;
  const operator = isJsonObject(source) && typeof source.operator === 'string' ? source.operator : 'of this kind';
  notes.refuse(
    isJsonObject(source) && 'operator' in source ? `${pointer}/operator` : pointer,
    'operator.not_available',
    `The data source ${operator} is not available here. List the records yourself and start one run for each.`,
  );
}
