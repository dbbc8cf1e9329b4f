import { AUDIT_OUTCOMES, AuditRecords, placeText, viewOf, type AuditRecord, type ChainPlace } from '@flow/audit';
import type { Caller } from '@flow/auth';
import { Answer, CurrentCaller, Endpoint, PublicApi, pageOf, pageSchema, type JsonSchema } from '@flow/http';
import { Get, Query } from '@nestjs/common';
import { Readable } from 'node:stream';
import { NDJSON_TYPE } from '../instances/stream.format';
import {
  AuditExportQuery,
  AuditListQuery,
  AuditVerifyQuery,
  auditFilterOf,
  auditQuestionOf,
} from './audit-records.dto';

const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'] } as const;
const time = { type: ['string', 'null'], format: 'date-time' } as const;
const recordView: JsonSchema = {
  type: 'object',
  properties: {
    id: text,
    sequence: { type: 'integer', description: 'Its place in the chain of the business domain; from 1, without a gap.' },
    at: { ...time, description: 'When the command came.' },
    endedAt: { ...time, description: 'When it was answered.' },
    actor: { type: 'object', properties: { principal: text, tokenId: text }, required: ['principal', 'tokenId'] },
    action: text,
    object: { type: 'object', properties: { type: text, id: textOrNull }, required: ['type', 'id'] },
    outcome: {
      enum: [...AUDIT_OUTCOMES],
      description: 'unknown: its process died before that was known.',
    },
    status: { type: ['integer', 'null'], description: 'Of HTTP.' },
    code: { ...textOrNull, description: "The error's." },
    requestId: text,
    traceId: textOrNull,
    remote: { ...textOrNull, description: 'The address that it came from.' },
    details: { type: 'object', description: 'What else may be shown of it.' },
    keyId: text,
    hash: { ...text, description: 'Over the hash before it and all that stands here.' },
  },
  required: ['id', 'sequence', 'at', 'actor', 'action', 'object', 'outcome', 'status', 'code', 'requestId', 'hash'],
};
const place = { ...textOrNull, description: 'sequence:hash' } as const;
const headView: JsonSchema = { type: 'object', properties: { head: place }, required: ['head'] };
const verdictView: JsonSchema = {
  type: 'object',
  properties: {
    ok: { type: 'boolean', description: 'Nothing of what was looked at is wrong.' },
    checked: { type: 'integer', description: 'Records that were looked at.' },
    head: { ...place, description: 'sequence:hash of the newest record; null where nothing was recorded.' },
    base: {
      ...text,
      description: 'sequence:hash of the last one that was removed when its time was over; 0: where none was.',
    },
    firstFault: {
      type: ['object', 'null'],
      properties: {
        sequence: { type: 'integer' },
        kind: { enum: ['edited', 'missing', 'reordered', 'truncated', 'head', 'no_key'] },
      },
      required: ['sequence', 'kind'],
    },
    next: { ...place, description: 'There was no time for all of it: give it as `after`. null at the end.' },
  },
  required: ['ok', 'checked', 'head', 'base', 'firstFault', 'next'],
};

const textOrNone = (one: ChainPlace | null): string | null => one && placeText(one);

/** Who has done what in the business domain. */
@PublicApi('audit-records', { tag: 'Audit' })
export class AuditRecordsController {
  constructor(private readonly records: AuditRecords) {}

  @Get()
  @Endpoint({
    access: 'audit.view',
    summary: 'List the commands of the business domain, the newest first',
    answers: { 200: pageSchema(recordView) },
  })
  async list(@CurrentCaller() caller: Caller, @Query() query: AuditListQuery) {
    const page = await this.records.list(caller, auditFilterOf(query), pageOf(query));
    return { ...page, items: page.items.map(viewOf) };
  }

  @Get('head')
  @Endpoint({
    access: 'audit.view',
    summary: 'The end of the chain, to be noted elsewhere',
    answers: { 200: headView },
  })
  async head(@CurrentCaller() caller: Caller) {
    return { head: textOrNone(await this.records.head(caller)) };
  }

  @Get('export')
  @Endpoint({
    access: 'audit.view',
    summary: 'Export the records, the oldest first',
    description: 'One JSON object a line. A sequence that does not follow the one before is a record that was removed.',
    produces: [NDJSON_TYPE],
    answers: { 200: recordView },
  })
  async export(@CurrentCaller() caller: Caller, @Query() { after }: AuditExportQuery) {
    const pages = linesOf(await this.records.export(caller, after));
    return new Answer(Readable.from(pages, { objectMode: false }), { headers: { 'content-type': NDJSON_TYPE } });
  }

  @Get('verify')
  @Endpoint({
    access: 'audit.view',
    summary: 'Look whether records were edited, removed, moved or cut off',
    description:
      'Looks at 50,000 records, and says where to go on. That the newest were cut off together with the head shows only against a `head` that was noted elsewhere.',
    answers: { 200: verdictView },
    mayWaitMs: 60_000,
  })
  async verify(@CurrentCaller() caller: Caller, @Query() query: AuditVerifyQuery) {
    const verdict = await this.records.verify(caller, auditQuestionOf(query));
    const { head, base, next } = verdict;
    return { ...verdict, head: textOrNone(head), base: placeText(base), next: textOrNone(next) };
  }
}

async function* linesOf(pages: AsyncIterable<readonly AuditRecord[]>): AsyncIterable<string> {
  for await (const records of pages) yield records.map((record) => `${JSON.stringify(viewOf(record))}\n`).join('');
}
