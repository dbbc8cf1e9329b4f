import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { API_PREFIX } from '@flow/http';
import { ADMIN_TOKEN, until, type Ask } from './api-world';
import { Flows } from './flows';

interface FileView {
  readonly id: string;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

const KIB = 1024;
const LIMIT = 64 * KIB;
const PDF = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.from([0, 255, 128, 7])]);
const DAY_MS = 24 * 3_600_000;
const RETURN = { id: 'end', operator: '@internal/return' };

describe('Files of forms', () => {
  let flows: Flows;
  beforeAll(async () => (flows = await Flows.start({ FILE_LIMIT: '64KiB', STEP_OUTPUT_LIMIT: '4KiB' })));
  beforeEach(() => flows.renew());
  afterAll(() => flows.close());

  const post = (bytes: Buffer, contentType: string, name = 'a.bin', ask: Ask = {}) =>
    flows.ask('POST', `/files?name=${encodeURIComponent(name)}`, bytes, {
      ...ask,
      headers: { 'content-type': contentType },
    });
  const upload = async (bytes: Buffer, contentType: string, name?: string, ask?: Ask): Promise<FileView> => {
    const answer = await post(bytes, contentType, name, ask);
    expect(answer).toMatchObject({ status: 201 });
    return answer.as<FileView>();
  };
  const formDag = async (fields: readonly object[], ...steps: readonly object[]): Promise<string> => {
    const title = `form ${Math.random()}`.replace('.', '');
    const first = { id: 'in', operator: '@trigger/form', parameters: { fields } };
    return (await flows.must('POST', '/dags', { title, steps: [first, ...steps] })).id;
  };
  const triggerOf = async (dag: string): Promise<string> =>
    (await flows.must('GET', `/dags/${dag}/triggers`)).as<{ items: { id: string }[] }>().items[0]?.id ?? '';
  const fired = async (dag: string, data: object) => {
    const answer = await flows.must('POST', `/triggers/${await triggerOf(dag)}/fire`, { data });
    return flows.ended(answer.as<{ instanceId: string }>().instanceId);
  };
  const ownersOfBytes = () => {
    const root = join(flows.world.folder, 'blobs');
    const domains = existsSync(root) ? readdirSync(root).filter((name) => name !== 'incoming') : [];
    return domains.flatMap((name) => readdirSync(join(root, name))).sort();
  };

  it('are uploaded as they are, read and downloaded by whoever uploaded them', async () => {
    const file = await upload(PDF, 'application/pdf', 'Bericht "ü" (1).pdf');
    expect(file).toEqual({
      id: expect.stringMatching(/^file_[\w-]{32}$/) as string,
      name: 'Bericht "ü" (1).pdf',
      contentType: 'application/pdf',
      bytes: PDF.length,
      sha256: createHash('sha256').update(PDF).digest('hex'),
      createdAt: expect.any(String) as string,
      expiresAt: new Date(Date.parse(file.createdAt) + DAY_MS).toISOString(),
    });
    expect((await flows.must('GET', `/files/${file.id}`)).json).toEqual(file);
    const content = await flows.must('GET', `/files/${file.id}/content`);
    expect(content.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': String(PDF.length),
      'content-disposition': "attachment; filename*=UTF-8''Bericht%20%22%C3%BC%22%20%281%29.pdf",
      'x-content-type-options': 'nosniff',
    });
    const other = await upload(PDF, 'application/pdf');
    expect(other.id).not.toBe(file.id);
  });

  it('stand in runs by their handles: what is known of them, and their content, a text or Base64', async () => {
    const text = 'Grüße\n'.repeat(2_000);
    const [note, pdf] = [
      await upload(Buffer.from(text), 'text/plain; charset=utf-8', 'note.txt'),
      await upload(PDF, 'application/pdf', 'p.pdf'),
    ];
    const dag = await formDag(
      [
        { key: 'note', type: 'file', required: true },
        { key: 'more', type: 'files', max: 2 },
        { key: 'none', type: 'file' },
      ],
      {
        ...RETURN,
        parameters: {
          name: '{{__in.note.name}}',
          text: '{{__in.note.content}}',
          said: 'It says {{size(__in.note.content)}} characters',
          pdf: '{{__in.more.0.content}}',
          ids: ['{{__in.note.id}}', '{{__in.more.0.id}}'],
          bytes: '{{__in.more.0.bytes}}',
          none: '{{__in.none}}',
        },
      },
    );
    const data = { note: note.id, more: [pdf.id] };
    const expected = {
      status: 'succeeded',
      result: {
        name: 'note.txt',
        text,
        said: `It says ${text.length} characters`,
        pdf: PDF.toString('base64'),
        ids: [note.id, pdf.id],
        bytes: PDF.length,
        none: null,
      },
    };
    expect(await fired(dag, data)).toMatchObject(expected);
    const again = await flows.ended(await flows.runOf(dag, data));
    expect(again).toMatchObject(expected);
    expect(again.input).toMatchObject({ note: { id: note.id, name: 'note.txt', sha256: note.sha256, content: text } });
    expect(ownersOfBytes()).toEqual(expect.arrayContaining([again.id, note.id, pdf.id]));
  });

  it('are refused alike, with their places, when nobody here has uploaded them: whatever stands there', async () => {
    const dag = await formDag([
      { key: 'doc', type: 'file' },
      { key: 'docs', type: 'files' },
    ]);
    const trigger = await triggerOf(dag);
    const granted = { name: 'bob', principal: 'bob', permissions: ['file.upload', 'dag.run'] };
    const { token } = (await flows.must('POST', '/me/tokens', granted)).as<{ token: string }>();
    const bobs = await upload(PDF, 'application/pdf', 'a', { token });
    const mine = await upload(PDF, 'application/pdf', 'a');
    const elsewhere = await upload(PDF, 'application/pdf', 'a', { domain: flows.world.newDomain() });
    const details = new Set<string>();
    for (const doc of [
      elsewhere.id,
      bobs.id,
      `file_${'A'.repeat(32)}`,
      mine.sha256,
      '/etc/passwd',
      'https://a.example/x',
      'file:///etc/passwd',
      '',
    ]) {
      for (const [path, body] of [
        [`/dags/${dag}/run`, { data: { doc, docs: [mine.id, doc] } }],
        [`/triggers/${trigger}/fire`, { data: { doc, docs: [mine.id, doc] } }],
      ] as const) {
        const { problem } = await flows.ask('POST', path, body);
        expect(problem).toMatchObject({ status: 422, code: 'input.file_unknown' });
        expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/data/doc', '/data/docs/1']);
        details.add(problem.detail + JSON.stringify(problem.errors));
      }
    }
    expect(details.size).toBe(1);
    expect((await flows.must('GET', `/dags/${dag}/instances`)).as<{ items: object[] }>().items).toEqual([]);
    expect((await flows.must('GET', `/triggers/${trigger}/firings`)).as<{ items: object[] }>().items).toEqual([]);
    for (const path of [
      `/files/${bobs.id}`,
      `/files/${bobs.id}/content`,
      `/files/${elsewhere.id}`,
      '/files/..%2f..%2fetc%2fpasswd',
    ])
      expect((await flows.ask('GET', path)).problem.code).toBe('file.not_found');
  });

  it('are no objects and no lists where one is wanted, and have to fit their field', async () => {
    const [pdf, text] = [
      await upload(PDF, 'application/pdf', 'p.pdf'),
      await upload(Buffer.from('{"a":1}'), 'application/vnd.shop+json', 't'),
    ];
    const dag = await formDag([
      { key: 'small', type: 'file', maxBytes: 8 },
      { key: 'typed', type: 'file', contentTypes: ['application/pdf', 'image/*'] },
      { key: 'few', type: 'files', max: 1 },
    ]);
    const refused = async (data: object) => {
      const { problem } = await flows.ask('POST', `/dags/${dag}/run`, { data });
      expect(problem).toMatchObject({ status: 400, code: 'input.invalid' });
      return problem.errors?.map(({ pointer, code }) => `${pointer} ${code}`);
    };
    const whole = { ...pdf, content: 'x' };
    expect(await refused({ small: whole, typed: [pdf.id], few: pdf.id })).toEqual([
      '/data/small input.type_mismatch',
      '/data/typed input.type_mismatch',
      '/data/few input.type_mismatch',
    ]);
    expect(await refused({ small: pdf.id, typed: text.id, few: [pdf.id, text.id] })).toEqual([
      '/data/small input.file_too_large',
      '/data/typed input.file_type',
      '/data/few input.out_of_bounds',
    ]);
    expect((await flows.ended(await flows.runOf(dag, { small: text.id, typed: pdf.id }))).status).toBe('succeeded');
    expect((await flows.must('GET', `/triggers/${await triggerOf(dag)}/form`)).json).toMatchObject({
      properties: {
        small: { type: 'string', format: 'file-handle', 'x-max-bytes': 8 },
        typed: { type: 'string', format: 'file-handle', 'x-content-types': ['application/pdf', 'image/*'] },
        few: { type: 'array', items: { type: 'string', format: 'file-handle' }, maxItems: 1 },
      },
    });
  });

  it('stay with a run: its retry and the runs that it starts have them too', async () => {
    const text = 'x'.repeat(9_000);
    const file = await upload(Buffer.from(text), 'text/csv', 'rows.csv');
    const child = await formDag([{ key: 'rows', type: 'file', required: true }], {
      ...RETURN,
      parameters: { name: '{{__in.rows.name}}', rows: '{{__in.rows.content}}' },
    });
    const call = { dagId: child, data: { rows: '{{__in.rows}}' } };
    const parent = await formDag(
      [{ key: 'rows', type: 'file', required: true }],
      { id: 'sub', operator: '@subflow/call/workflow', parameters: call },
      { id: 'bad', operator: '@internal/json/parse', parameters: { json: '{{__in.rows.content}}' } },
    );
    const first = await flows.ended(await flows.runOf(parent, { rows: file.id }));
    expect(first).toMatchObject({ status: 'failed', reason: { stepId: 'bad' } });
    const sub = (await flows.tasks(first.id)).find(({ stepId }) => stepId === 'sub');
    expect(sub).toMatchObject({ status: 'succeeded' });
    const retried = (await flows.must('POST', `/instances/${first.id}/retry`, { from: { stepId: 'sub' } })).id;
    const second = await flows.ended(retried);
    expect(second).toMatchObject({ status: 'failed', reason: { stepId: 'bad' }, input: { rows: { content: text } } });
    // What a flow makes up itself is no file.
    const forged = await flows.run([
      {
        id: 'sub',
        operator: '@subflow/call/workflow',
        parameters: { ...call, data: { rows: { ...file, content: text } } },
      },
    ]);
    expect(await flows.ended(forged)).toMatchObject({ status: 'failed' });
    const handed = await flows.run([
      { id: 'sub', operator: '@subflow/call/workflow', parameters: { ...call, data: { rows: file.id } } },
    ]);
    expect(await flows.ended(handed)).toMatchObject({ status: 'failed' });
  });

  it('are refused before or while they arrive, and leave nothing', async () => {
    const before = ownersOfBytes();
    const large = Buffer.alloc(LIMIT + 1, 'a');
    for (const [bytes, type, status, code] of [
      [large, 'application/octet-stream', 413, 'file.too_large'],
      [PDF, 'multipart/form-data; boundary=x', 415, 'file.type_refused'],
      [PDF, 'application/x-www-form-urlencoded', 415, 'file.type_refused'],
      [PDF, 'nonsense', 415, 'content_type.unsupported'],
      [PDF, 'text/plain; charset=latin1', 415, 'content_type.unsupported'],
      [PDF, 'image/png', 422, 'file.content_mismatch'],
      [PDF, 'text/plain', 422, 'file.content_mismatch'],
      [Buffer.from('a\0b'), 'application/json', 422, 'file.content_mismatch'],
      [Buffer.from([0xc3]), 'text/plain', 422, 'file.content_mismatch'],
    ] as const)
      expect((await post(bytes, type)).problem).toMatchObject({ status, code });
    for (const name of ['', 'a/b', '..', 'a\\b', 'a\nb', 'x'.repeat(256), 'a\u202eb'])
      expect((await post(PDF, 'application/pdf', name)).problem).toMatchObject({
        status: 400,
        code: 'request.invalid',
      });
    expect((await flows.ask('POST', '/files', PDF, { headers: { 'content-type': 'application/pdf' } })).status).toBe(
      400,
    );
    expect((await flows.ask('POST', '/files?name=a')).problem.errors?.[0]).toMatchObject({ code: 'body.missing' });
    const token = await flows.world.token(['dag.run', 'trigger.fire']);
    expect((await post(PDF, 'application/pdf', 'a', { token })).problem.status).toBe(403);
    expect((await post(PDF, 'application/pdf', 'a', { token: null })).problem.status).toBe(401);
    expect(ownersOfBytes()).toEqual(before);
    await upload(Buffer.alloc(LIMIT, 'a'), 'text/plain');
  });

  it('that do not arrive whole are not there, and one without a length is bounded as it comes', async () => {
    const before = ownersOfBytes();
    const { hostname, port } = new URL(flows.world.addressOf('public'));
    const socket = connect(Number(port), hostname);
    const head = (length: string) =>
      `POST ${API_PREFIX}/files?name=a HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_TOKEN}\r\n` +
      `x-business-domain: ${flows.domain}\r\ncontent-type: text/plain\r\n${length}\r\n\r\n`;
    socket.write(head('content-length: 1000'));
    socket.write('half of it');
    await until(() => (readdirSync(join(flows.world.folder, 'blobs', 'incoming')).length > 0 ? true : undefined));
    socket.destroy();
    await until(() => (readdirSync(join(flows.world.folder, 'blobs', 'incoming')).length === 0 ? true : undefined));
    let answer = '';
    const chunked = connect(Number(port), hostname).on('data', (text) => (answer += String(text)));
    chunked.write(head('transfer-encoding: chunked'));
    const piece = 'a'.repeat(16 * KIB);
    for (let i = 0; i < 5; i += 1) chunked.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
    await until(() => (answer.includes('file.too_large') ? true : undefined));
    chunked.destroy();
    expect(answer).toContain('HTTP/1.1 413');
    expect(answer).toContain('connection: close');
    expect(ownersOfBytes()).toEqual(before);
    expect(flows.world.errors).toEqual([]);
  });

  it('stand after a restart', async () => {
    const file = await upload(PDF, 'application/pdf');
    await flows.world.restart();
    expect((await flows.must('GET', `/files/${file.id}`)).json).toEqual(file);
    const dag = await formDag([{ key: 'doc', type: 'file' }], {
      ...RETURN,
      parameters: { doc: '{{__in.doc.content}}' },
    });
    const instance = await fired(dag, { doc: file.id });
    await flows.world.restart();
    expect(await flows.instance(instance.id)).toMatchObject({ result: { doc: PDF.toString('base64') } });
  });

  it('belong to fields of files alone, without a default and choices', async () => {
    const fields = [
      { key: 'a', type: 'string', maxBytes: 3 },
      { key: 'b', type: 'file', default: 'x' },
      { key: 'c', type: 'files', contentTypes: ['pdf'] },
    ];
    const first = { id: 'in', operator: '@trigger/form', parameters: { fields } };
    const { problem } = await flows.ask('POST', '/dags', { title: 'wrong', steps: [first] });
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/steps/0/parameters/fields/2/contentTypes/0']);
    const { problem: other } = await flows.ask('POST', '/dags', {
      title: 'wrong',
      steps: [{ ...first, parameters: { fields: fields.slice(0, 2) } }],
    });
    expect(other.errors?.map(({ pointer }) => pointer)).toEqual([
      '/steps/0/parameters/fields/0/maxBytes',
      '/steps/0/parameters/fields/1/default',
    ]);
  });
});
