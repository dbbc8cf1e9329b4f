import { isJsonObject, type Json, type JsonObject } from '@flow/kernel';
import { numberOf } from '@flow/expressions';
import type { Notes } from './notes';

/** Seconds that the Go service gives a step without settings, all attempts together (its `server.executor_timeout`, as it ships). */
const USUAL_SECONDS = 600;
const SECONDS: Readonly<Record<string, number>> = {
  '@opensearch/bulk-upsert': 1_800,
  '@dataset/write-docs': 1_800,
  '@llm/chat/completion': 7_200,
  '@anydata/call-agent': 7_200,
  '@internal/tool/py3': 86_400,
};
const USUAL_RETRY = { max: 3, delay: 3 } as const;

/** Operators that the Go service calls; what is not among them is ours and has our own defaults. */
const CALLED =
  /^@(internal\/(text\/(split|join|match)|time\/(now|relative)|json\/(get|set|parse|template)|array\/filter|define|database\/write|tool\/py3)|sandbox\/execute|custom\/.+|operator\/.+|opensearch\/.+|dataset\/.+|llm\/(chat\/completion|embedding|reranker)|anydata\/call-agent)$/;
/** Never repeated, whatever the settings say. */
const NOT_REPEATED = /^@(internal\/tool\/py3$|custom\/)/;
/** Its steps that call nothing, or whose settings it does not read. */
const WITHOUT =
  /^@(control\/flow\/(branches|parallel|loop)$|internal\/(return|assign)$|trigger\/|anyshare-trigger\/|subflow\/|workflow\/approval$)/;

/** Whether the Go service decodes the parameters of an operator weakly: of its own ones, and of its loops. */
export function isDecoded(operator: string): boolean {
  return CALLED.test(operator) || operator === '@control/flow/loop';
}

/** Tells once that defaults were written out, however many steps have them. */
export interface DefaultsCount {
  written: number;
}

/**
 * The settings of a step in our words: the Go service's time bounds all attempts together, and one of them may take all of it. A step
 * without settings gets the ones that the Go service would have used.
 */
export function settingsOf(
  operator: string,
  sent: Json | undefined,
  pointer: string,
  notes: Notes,
  defaults: DefaultsCount,
): JsonObject | undefined {
  const given = isJsonObject(sent) ? sent : {};
  if (WITHOUT.test(operator)) {
    if (Object.keys(given).length > 0)
      notes.warn(
        pointer,
        'go.field_ignored',
        `${operator} calls nothing that "settings" could bound; they are left out.`,
      );
    return undefined;
  }
  for (const key of Object.keys(given).filter((name) => name !== 'retry' && name !== 'timeout'))
    notes.warn(`${pointer}/${key}`, 'go.field_ignored', `Nobody reads "${key}" here; it is left out.`);
  const retry = NOT_REPEATED.test(operator) ? undefined : retryOf(given.retry);
  if (NOT_REPEATED.test(operator) && isJsonObject(given.retry))
    notes.warn(
      `${pointer}/retry`,
      'go.field_ignored',
      `The Go service never repeats ${operator}, whatever "retry" says.`,
    );
  const timeout = timeoutOf(given.timeout, pointer, notes);
  const isOurs = !CALLED.test(operator);
  if (isOurs) return retry || timeout ? { ...(retry && { retry }), ...(timeout && { timeout }) } : undefined;
  if (!timeout || (!retry && !NOT_REPEATED.test(operator))) defaults.written += 1;
  const total = SECONDS[operator] ?? USUAL_SECONDS;
  return {
    ...(!NOT_REPEATED.test(operator) && { retry: retry ?? USUAL_RETRY }),
    timeout: timeout ?? { delay: total, total },
  };
}

function retryOf(sent: Json | undefined): JsonObject | undefined {
  if (!isJsonObject(sent)) return undefined;
  const { max, delay, ...others } = sent;
  return {
    max: numberIn(max) ?? USUAL_RETRY.max,
    delay: numberIn(delay) ?? USUAL_RETRY.delay,
    ...others,
  };
}

function timeoutOf(sent: Json | undefined, pointer: string, notes: Notes): JsonObject | undefined {
  if (!isJsonObject(sent)) return undefined;
  const { delay, ...others } = sent;
  const seconds = numberIn(delay);
  if (seconds === undefined) return Object.keys(others).length > 0 ? others : undefined;
  notes.moved(`${pointer}/timeout/total`, `${pointer}/timeout/delay`);
  return { delay: seconds, total: seconds, ...others };
}

/** Weak decoding: a text that says a number is one; what is neither stays for the check of the definition to refuse. */
function numberIn(value: Json | undefined): Json | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'string' ? (numberOf(value) ?? value) : value;
}
