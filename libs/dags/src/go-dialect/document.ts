import { isJsonObject, pointerTo, type Json, type JsonObject } from '@flow/kernel';
import { BOOKKEEPING, KEPT, PRIORITIES, RENAMED, WITHOUT_EFFECT } from './fields';
import type { Notes } from './notes';
import { isEmpty } from './weak';

/** Variables that the Go service declares for every flow by itself. */
const ITS_VARS: ReadonlySet<string> = new Set(['userid', 'docid']);

/** Names of the variables that an author declared. */
export function varNames(vars: Json | undefined): ReadonlySet<string> {
  return new Set(isJsonObject(vars) ? Object.keys(vars).filter((name) => !ITS_VARS.has(name)) : []);
}

/** The fields of a document beside its steps. */
export function fieldsOf(sent: JsonObject, notes: Notes): JsonObject {
  const fields: Record<string, Json> = {};
  const dropped: string[] = [];
  for (const [key, value] of Object.entries(sent)) {
    if (key === 'steps' || key === 'trigger_config' || value === null) continue;
    const renamed = Object.hasOwn(RENAMED, key) ? RENAMED[key] : undefined;
    if (renamed !== undefined && isEmpty(sent[renamed])) {
      notes.moved(`/${renamed}`, `/${key}`);
      fields[renamed] = value;
    } else if (KEPT.has(key)) fields[key] = value;
    else if (key === 'vars') Object.assign(fields, varsOf(value, notes));
    else if (isEmpty(value)) continue;
    else if (BOOKKEEPING.has(key)) dropped.push(key);
    else notes.warn(pointerTo('', key), 'go.field_ignored', whyIgnored(key));
  }
  if (dropped.length > 0)
    notes.warn(
      '',
      'go.bookkeeping_dropped',
      `What the Go service noted for itself is left out: ${dropped.join(', ')}.`,
    );
  const { version, status, ...others } = fields;
  return { ...others, ...kindOf(sent, fields), ...versionOf(version, notes), ...statusOf(status, notes) };
}

function whyIgnored(key: string): string {
  const why = Object.hasOwn(WITHOUT_EFFECT, key) ? WITHOUT_EFFECT[key] : undefined;
  return why ?? `Nobody reads "${key}" here; it is left out.`;
}

function kindOf(sent: JsonObject, fields: JsonObject): JsonObject {
  const type = fields.type ?? guessedKind(sent);
  const usual = typeof type === 'string' && Object.hasOwn(PRIORITIES, type) ? PRIORITIES[type] : undefined;
  const asApp = isJsonObject(sent.appinfo) && sent.appinfo.enable === true && usual === 'lowest';
  return { type, ...(!('priority' in fields) && usual !== undefined && { priority: asApp ? 'high' : usual }) };
}

function guessedKind(sent: JsonObject): string {
  if (!isEmpty(sent.trigger_config)) return 'data-flow';
  return ['category', 'exec_mode', 'operator_id'].some((key) => !isEmpty(sent[key])) ? 'combo-operator' : '';
}

/** Data flows take any text for a version. */
function versionOf(version: Json | undefined, notes: Notes): JsonObject {
  if (version === undefined || version === '') return {};
  if (typeof version !== 'string' || /^v\d+\.\d+\.\d+$/.test(version)) return { version };
  notes.warn('/version', 'go.field_ignored', `"${version}" is no version such as v1.0.0; the next one is given.`);
  return {};
}

/** Whether an operator is published says nothing about its runs. */
function statusOf(status: Json | undefined, notes: Notes): JsonObject {
  if (status === undefined || status === '') return {};
  if (status !== 'published' && status !== 'unpublish') return { status };
  notes.warn('/status', 'go.value_converted', `"${status}" is "normal" here: runs are allowed.`);
  return { status: 'normal' };
}

function varsOf(vars: Json, notes: Notes): JsonObject {
  if (!isJsonObject(vars)) return { vars };
  const declared = Object.entries(vars)
    .filter(([name]) => !ITS_VARS.has(name))
    .map(([name, sent]): [string, Json] => {
      if (!isJsonObject(sent)) return [name, sent];
      const at = pointerTo('/vars', name);
      notes.moved(`${at}/default`, `${at}/defaultValue`);
      notes.moved(`${at}/description`, `${at}/desc`);
      const { desc, defaultValue } = sent;
      return [name, { type: 'any', default: defaultValue ?? null, ...(!isEmpty(desc) && { description: desc ?? '' }) }];
    });
  return declared.length > 0 ? { vars: Object.fromEntries(declared) } : {};
}
