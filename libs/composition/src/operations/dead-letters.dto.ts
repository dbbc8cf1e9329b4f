import { RedriveTargetMissing, type DeadLetterFilter } from '@flow/deliveries';
import { Doc, Optional, PageQuery } from '@flow/http';
import { RequestInvalid, type Fault, type Json, type JsonObject, type TriggerId } from '@flow/kernel';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsObject, IsString, Length } from 'class-validator';

const LONGEST_ID = 128;
const LONGEST_HOST = 260;
const FILTERS: ReadonlySet<string> = new Set(['kind', 'triggerId', 'instanceId', 'host']);

/** What was given up: the callback of a run, or what came for a trigger. */
export const DEAD_LETTER_KINDS = ['callback', 'firing'] as const;
export type DeadLetterKind = (typeof DEAD_LETTER_KINDS)[number];

export class DeadLetterQuery extends PageQuery {
  @Doc('`callback`: of the end of a run; `firing`: what came for a trigger.')
  @Optional()
  @IsIn([...DEAD_LETTER_KINDS])
  kind?: DeadLetterKind;

  @Doc('Firings of this trigger.')
  @Optional()
  @IsString()
  @Length(1, LONGEST_ID)
  triggerId?: TriggerId;

  @Doc('Those that tell of this instance.')
  @Optional()
  @IsString()
  @Length(1, LONGEST_ID)
  instanceId?: string;

  @Doc("Those that go to this host; with its port when that is not the scheme's own.", 'hooks.example.com')
  @Optional()
  @IsString()
  @Length(1, LONGEST_HOST)
  host?: string;
}

export function filterOf({ instanceId, host }: Pick<DeadLetterQuery, 'instanceId' | 'host'>): DeadLetterFilter {
  return {
    ...(instanceId !== undefined && { instance: instanceId }),
    ...(host !== undefined && { host: host.toLowerCase() }),
  };
}

/** Kinds that a filter leaves: what it asks for only one of them has. */
export function kindsOf({ kind, triggerId, instanceId, host }: Partial<DeadLetterQuery>): readonly DeadLetterKind[] {
  return DEAD_LETTER_KINDS.filter(
    (one) =>
      (kind === undefined || kind === one) &&
      (triggerId === undefined || one === 'firing') &&
      ((instanceId === undefined && host === undefined) || one === 'callback'),
  );
}

export class ChangeBody {
  @Doc('Of a callback: where it is to go from now on; the whole address.', 'https://hooks.example.com/flows')
  @Optional()
  @IsString()
  @Length(1, 2_048)
  url?: string;

  @Doc("Of a firing: its event's `data` from now on.", { order: 'o-1' })
  @Optional()
  data?: Json;
}

/** What can be changed of a kind. @throws RequestInvalid for anything else, or nothing */
export function changeOf<K extends 'url' | 'data'>(body: ChangeBody, wanted: K): NonNullable<ChangeBody[K]> {
  const value = body[wanted];
  const other = wanted === 'url' ? 'data' : 'url';
  if (value !== undefined && body[other] === undefined) return value;
  const what = wanted === 'url' ? 'a callback: "url", where it goes' : 'a firing: "data", what its event says';
  const message = `This is ${what}; that is what can be changed of it.`;
  throw new RequestInvalid([{ pointer: `/${value === undefined ? wanted : other}`, code: 'field.invalid', message }]);
}

export class RedriveBody {
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @Length(1, LONGEST_ID, { each: true })
  ids?: string[];

  @Doc(
    'Callbacks, the newest 200 that fit: by `instanceId`, by `host`, by both; {} is all. Firings: by `triggerId` all of it, by `{kind: "firing"}` the newest 200.',
    { host: 'hooks.example.com' },
  )
  @Optional()
  @IsObject()
  filter?: JsonObject;
}

/** @throws RedriveTargetMissing unless exactly one target is named; RequestInvalid for a filter that is none */
export function targetOf({ ids, filter }: RedriveBody): readonly string[] | RedriveFilter {
  if (ids !== undefined && filter === undefined) return ids;
  if (ids !== undefined || filter === undefined) throw new RedriveTargetMissing();
  const faults = Object.entries(filter).flatMap(([key, value]): Fault[] => {
    const pointer = `/filter/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!FILTERS.has(key)) return [{ pointer, code: 'field.unknown', message: `A filter has no ${key}.` }];
    if (key === 'kind' ? DEAD_LETTER_KINDS.some((kind) => kind === value) : isShortText(value)) return [];
    const form = key === 'kind' ? DEAD_LETTER_KINDS.join(' or ') : 'a text';
    return [{ pointer, code: 'field.invalid', message: `${key} is ${form}.` }];
  });
  if (faults.length > 0) throw new RequestInvalid(faults);
  const sent = filter as Partial<DeadLetterQuery>;
  const [kind = 'none'] = kindsOf(sent);
  if (kind === 'none') {
    const message = '"triggerId" is of firings, "instanceId" and "host" are of callbacks: nothing fits both.';
    throw new RequestInvalid([{ pointer: '/filter', code: 'field.invalid', message }]);
  }
  return kind === 'callback'
    ? { kind, filter: filterOf(sent) }
    : { kind, ...(sent.triggerId !== undefined && { triggerId: sent.triggerId }) };
}

/** Many that are driven anew. */
export type RedriveFilter =
  | { readonly kind: 'callback'; readonly filter: DeadLetterFilter }
  | { readonly kind: 'firing'; readonly triggerId?: TriggerId };

function isShortText(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_HOST;
}
