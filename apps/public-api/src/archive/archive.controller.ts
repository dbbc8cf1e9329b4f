import type { Caller } from '@flow/auth';
import { Answer, CurrentCaller, Endpoint, PublicApi, type JsonSchema } from '@flow/http';
import { ArchiveService } from '@flow/retention';
import { Body, Get, Post, Query } from '@nestjs/common';
import { Readable } from 'node:stream';
import { toInstanceView } from '../instances/instance.view';
import { NDJSON_TYPE } from '../instances/stream.format';
import { ArchivePurgeBody, ArchiveQuery, archiveRequestOf } from './archive.dto';

const text = { type: 'string' } as const;
const recordView: JsonSchema = {
  type: 'object',
  properties: {
    record: { enum: ['instance', 'task', 'event', 'line', 'unreadable', 'whole', 'removed', 'end'] },
    instance: { ...text, description: 'The instance that a task, an event or a line is of.' },
    cursor: { ...text, description: 'Of `whole`: where to go on behind this instance.' },
    nextCursor: { type: ['string', 'null'], description: 'Of `end`: the next page; null when there is none.' },
  },
};
const purgeView: JsonSchema = {
  type: 'object',
  properties: {
    purged: { type: 'integer', description: 'Instances that were removed.' },
    freedBytes: { type: 'integer', description: 'Bytes that the disk has back.' },
    done: { type: 'boolean', description: 'false: there was no time for all of it; ask again.' },
    tookMs: { type: 'integer' },
  },
  required: ['purged', 'freedBytes', 'done', 'tookMs'],
};

/** Ended instances for keeping elsewhere. */
@PublicApi('archive', { tag: 'Archive' })
export class ArchiveController {
  constructor(private readonly archive: ArchiveService) {}

  @Get()
  @Endpoint({
    access: 'instance.view',
    summary: 'Export ended instances with all that belongs to them',
    description:
      'One JSON object a line: an `instance`, then its `task`s, `event`s and log `line`s, large values written out, then `whole`. The last line is `end`: without it the answer was cut off, and the cursor of the last `whole` goes on behind what came. A page ends after 1,000 instances or some 16 MiB.',
    produces: [NDJSON_TYPE],
    answers: { 200: recordView },
  })
  async read(@CurrentCaller() caller: Caller, @Query() query: ArchiveQuery) {
    const { cursor } = query;
    const request = { ...archiveRequestOf(query), ...(cursor !== undefined && { cursor }) };
    const page = await this.archive.page(caller, request, toInstanceView);
    return new Answer(Readable.from(page, { objectMode: false }), { headers: { 'content-type': NDJSON_TYPE } });
  }

  @Post('purge')
  @Endpoint({
    access: 'instance.purge',
    action: 'instance.purge',
    summary: 'Remove ended instances, whatever their retention says',
    mayWaitMs: 20_000,
    description:
      'Those that ended before the moment: all of them are in an archive of the same `before` and `dagId`. The answer comes after twenty seconds at the latest; `done` then says whether more is to be removed. Children whose parent has not ended stay.',
    status: 200,
    answers: { 200: purgeView },
  })
  async purge(@CurrentCaller() caller: Caller, @Body() body: ArchivePurgeBody) {
    return this.archive.purge(caller, archiveRequestOf(body));
  }
}
