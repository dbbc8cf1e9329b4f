import { RedriveTargetMissing, type DeadLetterFilter } from '@flow/deliveries';
import { Doc, Optional, PageQuery } from '@flow/http';
import { RequestInvalid, type Fault, type JsonObject } from '@flow/kernel';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsObject, IsString, Length } from 'class-validator';

const LONGEST_ID = 128;
const LONGEST_HOST = 260;
const FILTERS = { instanceId: 'instance', host: 'host' } as const;

export class DeadLetterQuery extends PageQuery {
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

export class RedirectBody {
  @Doc('Where it is to go from now on; the whole address.', 'https://hooks.example.com/flows')
  @IsString()
  @Length(1, 2_048)
  url!: string;
}

export class RedriveBody {
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @Length(1, LONGEST_ID, { each: true })
  ids?: string[];

  @Doc('The newest 200 that fit: by `instanceId`, by `host`, by both; {} is all.', { host: 'hooks.example.com' })
  @Optional()
  @IsObject()
  filter?: JsonObject;
}

/** @throws RedriveTargetMissing unless exactly one target is named; RequestInvalid for a filter that is none */
export function targetOf({ ids, filter }: RedriveBody): readonly string[] | DeadLetterFilter {
  if (ids !== undefined && filter === undefined) return ids;
  if (ids !== undefined || filter === undefined) throw new RedriveTargetMissing();
  const faults = Object.entries(filter).flatMap(([key, value]): Fault[] => {
    const pointer = `/filter/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!(key in FILTERS)) return [{ pointer, code: 'field.unknown', message: `A filter has no ${key}.` }];
    if (typeof value === 'string' && value.length > 0 && value.length <= LONGEST_HOST) return [];
    return [{ pointer, code: 'field.invalid', message: `${key} is a text.` }];
  });
  if (faults.length > 0) throw new RequestInvalid(faults);
  return filterOf(filter);
}
