import { messageKey, type ReceivedMessage } from '@flow/events';
import { readMessage } from '@flow/triggers';
import fc from 'fast-check';

const AT = new Date('2026-12-01T08:00:00.000Z');
const LIMIT = 4_096;
const CLOUD_EVENT = { specversion: '1.0', id: 'e-1', source: '/shop', type: 'order.placed', data: { order: 'o-1' } };

const aMessage = (value: string | Uint8Array | null, headers: Record<string, string> = {}): ReceivedMessage => {
  const place = { topic: 'orders', partition: 3, offset: '42' };
  return {
    ...place,
    key: 'k',
    value: typeof value === 'string' ? Buffer.from(value) : value,
    headers,
    at: AT,
    idempotencyKey: messageKey('g', place),
  };
};
const read = (value: string | Uint8Array | null, headers: Record<string, string> = {}) =>
  readMessage(aMessage(value, headers), LIMIT);
const json = (value: unknown) => JSON.stringify(value);

describe('a message as an event', () => {
  it('is the CloudEvent that it holds, by its content type or by its fields', () => {
    const structured = read(json(CLOUD_EVENT), { 'content-type': 'application/cloudevents+json; charset=UTF-8' });
    expect(structured).toMatchObject({ key: 'event /shop e-1', event: CLOUD_EVENT, at: AT });
    expect(structured.dead).toBeUndefined();
    expect(read(json(CLOUD_EVENT))).toEqual(structured);
  });

  it('is the CloudEvent of its headers, its value the data', () => {
    const headers = { ce_specversion: '1.0', ce_id: 'e-2', ce_source: '/shop', ce_type: 'order.paid' };
    expect(read('{"n":1}', { ...headers, 'content-type': 'application/json' }).event).toEqual({
      specversion: '1.0',
      id: 'e-2',
      source: '/shop',
      type: 'order.paid',
      datacontenttype: 'application/json',
      data: { n: 1 },
    });
    expect(read('ü', { ...headers, 'content-type': 'text/plain' }).event.data).toBe('ü');
    expect(read('ü', { ...headers, 'content-type': 'image/png' }).event).toMatchObject({ data_base64: 'w7w=' });
  });

  it('is wrapped when it is none: JSON, text, bytes, nothing', () => {
    expect(read('{"order":"o-1"}')).toMatchObject({
      key: `kafka orders/3/42@${AT.getTime()}`,
      event: {
        specversion: '1.0',
        id: 'orders/3/42',
        source: '/kafka/orders',
        type: 'kafka.message',
        time: AT.toISOString(),
        datacontenttype: 'application/json',
        partitionkey: 'k',
        data: { order: 'o-1' },
      },
    });
    expect(read('not json').event).toMatchObject({ datacontenttype: 'text/plain', data: 'not json' });
    expect(read(Uint8Array.of(0xff, 0xfe)).event).toMatchObject({
      datacontenttype: 'application/octet-stream',
      data_base64: '//4=',
    });
    expect(read(null).event.data).toBeNull();
  });

  it('of a topic that was made anew is another one', () => {
    const later = { ...aMessage('1'), at: new Date(AT.getTime() + 1) };
    expect(readMessage(later, LIMIT).key).not.toBe(read('1').key);
  });

  const structured = { 'content-type': 'application/cloudevents+json' };
  const broken: readonly [string, string | Uint8Array, Record<string, string>, string][] = [
    ['is larger than an event may be', 'x'.repeat(LIMIT + 1), {}, 'event.too_large'],
    ['says JSON and is none', '{"a":', { 'content-type': 'application/json' }, 'json.malformed'],
    [
      'says JSON and is not UTF-8',
      Uint8Array.of(0x22, 0xff, 0x22),
      { 'content-type': 'application/json' },
      'json.not_utf8',
    ],
    ['says text and is not UTF-8', Uint8Array.of(0xff), { 'content-type': 'text/plain' }, 'text.not_utf8'],
    ['says CloudEvent and is a list', '[]', structured, 'event.invalid'],
    ['says CloudEvent and has no type', json({ ...CLOUD_EVENT, type: '' }), structured, 'event.invalid'],
    ['says CloudEvent and has parts beside its data', json({ ...CLOUD_EVENT, more: {} }), structured, 'event.invalid'],
    ['is a CloudEvent of another version', json({ ...CLOUD_EVENT, specversion: '2.0' }), {}, 'event.invalid'],
    ['has headers of a CloudEvent, and not all', '{}', { ce_id: '1', ce_specversion: '1.0' }, 'event.invalid'],
    ['says it is a batch', '[]', { 'content-type': 'application/cloudevents-batch+json' }, 'event.invalid'],
    ['is nested without end', '['.repeat(1_000), { 'content-type': 'application/json' }, 'json.too_deep'],
    ["names JavaScript's own machinery", '{"__proto__":{}}', {}, 'json.key_forbidden'],
  ];
  it.each(broken)('that %s is dead, with the head of what it was', (_what, value, headers, code) => {
    const { dead, event, bytes } = read(value, headers);
    expect(dead?.code).toBe(code);
    expect(event).toMatchObject({ type: 'kafka.message.unreadable', source: '/kafka/orders', data: null });
    const whole = Buffer.from(value);
    expect(event.datahead).toBe(whole.subarray(0, 1_024).toString('base64'));
    expect(event.databytes).toBe(whole.byteLength);
    expect(bytes).toBeLessThanOrEqual(1_024);
  });

  it('is one or is dead, whatever comes', () => {
    const types = fc.constantFrom('', 'application/json', 'text/plain', 'application/cloudevents+json', 'x');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        types,
        (value, type) => {
          const { event, dead } = read(value, type === '' ? {} : { 'content-type': type });
          expect(JSON.parse(JSON.stringify(event))).toEqual(event);
          if (!dead) expect(event.specversion).toBe('1.0');
        },
      ),
    );
  });
});
