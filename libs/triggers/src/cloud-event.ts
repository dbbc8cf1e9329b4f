import type { Fault, Json, JsonObject } from '@flow/kernel';

/** Names of attributes, as CloudEvents 1.0 has them. */
const NAME = /^[a-z0-9]{1,64}$/;
const LONGEST_TEXT = 1_024;
const NEEDED = ['id', 'source', 'type'] as const;
const OF_THE_FORMAT: ReadonlySet<string> = new Set(['data', 'data_base64']);
const TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** What keeps it from being a CloudEvent 1.0 in its JSON format. */
export function cloudEventFaults(event: JsonObject): Fault[] {
  const faults: Fault[] = [];
  const refuse = (name: string, message: string): void =>
    void faults.push({ pointer: `/${name}`, code: 'event.invalid', message });
  if (event.specversion !== '1.0') refuse('specversion', '"specversion" must be "1.0".');
  for (const name of NEEDED)
    if (!isText(event[name])) refuse(name, `"${name}" must be a text of 1 to 1,024 characters.`);
  if (
    event.time !== undefined &&
    !(isText(event.time) && TIME.test(event.time) && !Number.isNaN(Date.parse(event.time)))
  )
    refuse('time', '"time" must be an RFC 3339 time, as in "2026-12-01T00:00:00Z".');
  if (event.data !== undefined && event.data_base64 !== undefined)
    refuse('data_base64', 'An event has "data" or "data_base64", not both.');
  for (const [name, value] of Object.entries(event)) {
    if (OF_THE_FORMAT.has(name)) continue;
    if (!NAME.test(name))
      refuse(
        name.slice(0, 64),
        'Names of attributes are of small letters and digits; what is the sender\'s own goes into "data".',
      );
    else if (typeof value === 'object' && value !== null)
      refuse(name, `"${name}" must be a text, a number or a boolean; what has parts goes into "data".`);
  }
  return faults;
}

/** Whether a JSON value wants to be a CloudEvent, though nobody says so. */
export function looksLikeCloudEvent(value: Json): value is JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return NEEDED.every((name) => name in value) && 'specversion' in value;
}

/** Whoever sends it again sends the same. */
export function keyOfEvent(event: JsonObject): string {
  const { source, id } = event as { readonly source: string; readonly id: string };
  return `event ${source} ${id}`;
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_TEXT;
}
