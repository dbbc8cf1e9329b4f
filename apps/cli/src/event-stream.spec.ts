import fc from 'fast-check';
import { EventStreamReader } from './event-stream';

const TEXT =
  'retry: 2000\n\nid: 1.1\ndata: {"a":1}\n\n:\n\nid: 1.2\r\ndata: x\r\ndata:y\r\n\r\nevent: end\ndata: {"type":"end"}\n\n';
const EVENTS = [
  { id: '1.1', event: 'message', data: '{"a":1}' },
  { id: '1.2', event: 'message', data: 'x\ny' },
  { id: '1.2', event: 'end', data: '{"type":"end"}' },
];

describe('A reader of server-sent events', () => {
  it('finds the same events wherever the text is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(TEXT.length), { maxLength: 8 }), (places) => {
        const cuts = [0, ...places.sort((a, b) => a - b), TEXT.length];
        const reader = new EventStreamReader();
        const events = cuts.slice(1).flatMap((end, i) => reader.take(TEXT.slice(cuts[i], end)));
        expect(events).toEqual(EVENTS);
      }),
    );
  });

  it('tells nothing of an event that is not whole', () => {
    expect(new EventStreamReader().take('id: 1\ndata: {"a":1}\n')).toEqual([]);
  });
});
