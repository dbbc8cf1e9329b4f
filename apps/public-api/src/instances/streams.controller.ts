import type { Caller } from '@flow/auth';
import { Answer, CurrentCaller, Endpoint, PublicApi, type EndpointOptions } from '@flow/http';
import { LiveStreams, type LiveStream, type StreamRequest } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import { Get, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import { eventView, lineView } from './instance.view';
import { OpenStreams } from './open-streams';
import { NDJSON_TYPE, SSE, SSE_TYPE, formatFor } from './stream.format';
import { LogsQuery, StreamQuery } from './streams.dto';

const STREAM = {
  access: 'instance.view',
  description:
    'Server-sent events: each item in `data` with its `id`, a comment every 15 seconds of silence, and at the end of the instance an event `end`. After a cut send the last id as `Last-Event-ID` (browsers do): nothing is lost and nothing comes twice. 204 says that nothing will come any more. With `Accept: application/x-ndjson` a plain list, one JSON object a line, that ends; with `follow=true` it goes on, and its last line says `"type":"end"`.',
  produces: [SSE_TYPE, NDJSON_TYPE],
  headers: { 'Last-Event-ID': 'The id of the last item that you have: what is behind it comes.' },
  errors: ['instance.not_found', 'last_event_id.invalid', 'stream.too_many'],
} as const satisfies Partial<EndpointOptions>;

@PublicApi('instances/:id', { tag: 'Instances' })
export class StreamsController {
  constructor(
    private readonly streams: LiveStreams,
    private readonly open: OpenStreams,
  ) {}

  @Get('events')
  @Endpoint({
    ...STREAM,
    summary: 'Follow the changes of an instance and its tasks',
    answers: { 200: eventView, 204: null },
  })
  async events(
    @CurrentCaller() caller: Caller,
    @Param('id') id: InstanceId,
    @Query() query: StreamQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.answer(request, reply, query, (wanted) => this.streams.events(caller, id, wanted));
  }

  @Get('logs')
  @Endpoint({
    ...STREAM,
    summary: 'Follow the log lines of the tasks of an instance',
    answers: { 200: lineView, 204: null },
  })
  async logs(
    @CurrentCaller() caller: Caller,
    @Param('id') id: InstanceId,
    @Query() query: LogsQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.answer(request, reply, query, (wanted) => this.streams.logs(caller, id, wanted, query.taskId));
  }

  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    query: StreamQuery,
    open: (wanted: StreamRequest) => Promise<LiveStream>,
  ): Promise<Answer<Readable | string | null>> {
    this.open.admit();
    const format = formatFor(request.headers.accept);
    const follow = query.follow ?? format === SSE;
    // The header is what a browser sends when it comes again, to the address that it had at first.
    const after = lastEventIdOf(request) ?? query.after;
    const stream = await open({ follow, ...(after !== undefined && { after }) });
    // A browser that got an answer with a body would come again for ever.
    if (format === SSE && after !== undefined && stream.isOver) return new Answer(null, { status: 204 });
    const headers = { 'content-type': format.type, 'x-accel-buffering': 'no' };
    if (request.method === 'HEAD') return new Answer('', { headers });
    return new Answer(this.open.serve(stream, format, request, reply, follow), { headers });
  }
}

function lastEventIdOf({ headers }: FastifyRequest): string | undefined {
  const id = headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}
