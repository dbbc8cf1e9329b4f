import { closed, defineControl } from '../define';
import { HEARTBEAT, heartbeatFaults } from '../heartbeat';

export const operator = defineControl({
  id: '@control/callback',
  title: 'Callback',
  help: 'Waits for one call of its own address, which earlier steps send out as {{callbacks.<id>.url}}.',
  parameters: closed({ heartbeat: HEARTBEAT }),
  check: heartbeatFaults,
  output: closed(
    { body: { description: 'What the call brought' }, receivedAt: { type: 'string', format: 'date-time' } },
    ['body', 'receivedAt'],
  ),
  example: { parameters: {}, output: { body: { paid: true }, receivedAt: '2026-01-01T12:00:00.000Z' } },
});
