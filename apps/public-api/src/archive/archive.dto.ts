import { Doc, Optional } from '@flow/http';
import type { DagId } from '@flow/kernel';
import type { ArchiveRequest } from '@flow/retention';
import { IsString, Length } from 'class-validator';
import { timeFrom } from '../instances/instances.dto';

export class ArchivePurgeBody {
  @Doc('RFC 3339, a moment that has passed: what ended before it.')
  @IsString()
  @Length(1, 40)
  before!: string;

  @Doc('Instances of this DAG alone.')
  @Optional()
  @IsString()
  @Length(1, 64)
  dagId?: string;
}

export class ArchiveQuery extends ArchivePurgeBody {
  @Doc('Where to go on: the `cursor` of a `whole`, or `nextCursor` of the `end` of the page before.')
  @Optional()
  @IsString()
  @Length(1, 1024)
  cursor?: string;
}

/** @throws RequestInvalid for a time that is none. */
export function archiveRequestOf({ before, dagId }: ArchivePurgeBody): ArchiveRequest {
  const endedBefore = new Date(timeFrom('before', before));
  return { endedBefore, ...(dagId !== undefined && { dagId: dagId as DagId }) };
}
