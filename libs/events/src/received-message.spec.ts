import { isId } from '@flow/kernel';
import { MessageRefused } from './event.errors';
import { idOfMessage, jsonOfMessage, messageKey, type ReceivedMessage } from './received-message';

const aMessage = (change: Partial<ReceivedMessage> = {}): ReceivedMessage => {
  const place = { topic: 'orders', partition: 3, offset: '42', ...change };
  return {
    key: null,
    value: Buffer.from('{"a":1}'),
    headers: {},
    at: new Date('2026-01-01T00:00:00.000Z'),
    idempotencyKey: messageKey('group', place),
    ...place,
    ...change,
  };
};
const refusal = (value: Uint8Array | null, limit = 100) => {
  try {
    jsonOfMessage(aMessage({ value }), limit);
  } catch (error) {
    if (error instanceof MessageRefused) return error.code;
    throw error;
  }
  return undefined;
};

describe('a message', () => {
  it('is known by its group and its place', () => {
    expect(aMessage().idempotencyKey).toBe('kafka:group:orders:3:42');
  });

  it('gives what it creates the same id each time, another one for another message or purpose', () => {
    const id = idOfMessage(aMessage());
    expect(isId(id)).toBe(true);
    expect(idOfMessage(aMessage())).toBe(id);
    const others = [
      idOfMessage(aMessage({ offset: '43' })),
      idOfMessage(aMessage({ partition: 4 })),
      idOfMessage(aMessage(), 'second trigger'),
    ];
    expect(new Set([id, ...others]).size).toBe(4);
    expect(idOfMessage(aMessage({ at: new Date('2026-01-01T00:00:00.001Z') })) > id).toBe(true);
  });

  it('holds JSON of a size that is taken, or says what it holds instead', () => {
    expect(jsonOfMessage(aMessage(), 100)).toEqual({ a: 1 });
    expect(refusal(null)).toBe('message.empty');
    expect(refusal(Buffer.from('{"a":'))).toBe('message.not_json');
    expect(refusal(Buffer.from([0x22, 0xff, 0x22]))).toBe('message.not_json');
    expect(refusal(Buffer.from('"12345"'), 6)).toBe('message.too_large');
    expect(refusal(Buffer.from('"1234"'), 6)).toBeUndefined();
  });
});
