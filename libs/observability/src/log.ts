import { Logger as NestPinoLogger, PinoLogger } from 'nestjs-pino';
import { pino, stdTimeFunctions, type DestinationStream, type Level, type Logger } from 'pino';
import { prettyLines } from './pretty-lines';

export type LogFormat = 'json' | 'pretty';

/** Fields that never reach a line, wherever they stand in the first two levels. Secrets of flows are masked before: see libs/secrets. */
const HIDDEN = [
  'authorization',
  'cookie',
  'set-cookie',
  'token',
  'secret',
  'password',
  'adminToken',
  'secretsKey',
  'metricsToken',
];

export interface LogOptions {
  readonly level: Level;
  readonly format: LogFormat;
  /** Where lines go; standard output when left out. */
  readonly destination?: DestinationStream;
}

/** Written at once: with buffered lines sonic-boom tries for ever, at the process's end, when nobody reads any more (EPIPE). */
const STANDARD_OUTPUT = { dest: 1, sync: true };

/** The log of a process: one JSON object a line (or a line for people), times in RFC 3339, secrets never. */
export function createLog({ level, format, destination = pino.destination(STANDARD_OUTPUT) }: LogOptions): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: HIDDEN.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
        censor: '********',
      },
    },
    format === 'json' ? destination : prettyLines(destination),
  );
}

/** The same log for what Nest itself says. nestjs-pino keeps the first one that it is given for the life of the process. */
export function nestLog(log: Logger): NestPinoLogger {
  return new NestPinoLogger(new PinoLogger({ pinoHttp: { logger: log } }), {});
}
