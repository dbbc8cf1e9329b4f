import { durationMs, type Fault, type JsonObject } from '@flow/kernel';

const SHORTEST_MS = 5_000;

/** Schema of the parameter of steps that wait for a callback. */
export const HEARTBEAT: JsonObject = {
  type: 'string',
  description:
    'ISO 8601, from PT5S: so long without a sign of life (POST to the address with /progress behind it) fails the step with callback.heartbeat_missed',
};

/** What is wrong with one that is written down; what an expression comes to is looked at when the step waits. */
export function heartbeatFaults({ heartbeat }: JsonObject): Fault[] {
  if (typeof heartbeat !== 'string' || heartbeat.includes('{{')) return [];
  const ms = durationMs(heartbeat);
  if (ms !== undefined && ms >= SHORTEST_MS) return [];
  return [
    {
      pointer: '/heartbeat',
      code: 'callback.heartbeat_invalid',
      message: `"heartbeat" is an ISO 8601 duration from PT5S, such as PT1M; this one is ${JSON.stringify(heartbeat.slice(0, 64))}.`,
    },
  ];
}
