import type { JsonObject } from '@flow/kernel';
import type { Access, ServedBy } from './access';
import type { Dto, JsonSchema } from './dto-schemas';

/** The body of one answer: a schema, a DTO class, or null for none. */
export type AnswerShape = JsonSchema | Dto | null;

/** All that is known about a route beside its path: what it demands, takes and gives. Feeds the checks and the documentation alike. */
export interface EndpointOptions {
  readonly access: Access;
  /** One line, as a heading. */
  readonly summary: string;
  /**
   * What the audit trail calls what it does, `noun.verb`. Demanded of every route that is no read; null where nothing is done that lasts, or where nobody
   * asks with a token and what comes in has a history of its own.
   */
  readonly action?: string | null;
  /** What its record shows of a valid body: what was chosen, nothing secret and nothing long. */
  readonly audited?: (body: never) => JsonObject;
  readonly description?: string;
  /** The heading that it stands under; the controller's when left out. */
  readonly tag?: string;
  /** The status of a plain answer: the first of `answers` below 300 when left out, else 200. */
  readonly status?: number;
  readonly answers?: Readonly<Record<number, AnswerShape>>;
  /** The body's schema where no DTO class on `@Body()` says it. */
  readonly body?: JsonSchema | Dto;
  /** A missing body is taken as {}. */
  readonly bodyOptional?: boolean;
  /** Media types that are taken (`application/*+json` for all of these, `ANY_TYPE`); anything but JSON arrives as text. */
  readonly consumes?: readonly string[];
  /** The handler gets the body's bytes as they came, and any query: for what others define. Without a body it gets undefined. */
  readonly raw?: boolean;
  /** The handler reads the body itself, piece by piece (`@BodyStream()`), and bounds it; it has no part of `BODY_LIMIT`. */
  readonly streams?: boolean;
  /** Levels of JSON that are taken; 64 when left out. */
  readonly depth?: number;
  /** Honours Idempotency-Key; the handler creates with `@ReservedId()`. Not for answers that hold a secret: they would be kept. */
  readonly idempotent?: boolean;
  /** Takes If-Match. */
  readonly ifMatch?: boolean;
  /** How long it may wait besides, by what it is for or what its query says; its time to answer is longer by this. */
  readonly mayWaitMs?: number | ((query: never) => number);
  /** Media types of its good answers; JSON when left out. */
  readonly produces?: readonly string[];
  /** Headers that it reads, beside those of the house, with what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Codes that are particular to this route. */
  readonly errors?: readonly string[];
  /** Answers though the server is stopping: for probes. */
  readonly whileDraining?: boolean;
}

/** A route's declaration as Fastify carries it (`config` of the route). */
export interface RouteDeclaration {
  readonly access: Access;
  readonly server: ServedBy;
  readonly endpoint?: EndpointOptions;
  /** It is part of the console: for browsers, and in no document of an API. */
  readonly isPage?: boolean;
  /** DTO classes of `@Body()` and `@Query()`. */
  readonly bodyDto?: Dto;
  readonly queryDto?: Dto;
  /** `DagsController.create` */
  readonly handler?: string;
}

export const JSON_TYPE = 'application/json';
export const YAML_TYPE = 'application/yaml';
export const JSON_TYPES = 'application/*+json';
export const ANY_TYPE = '*/*';
export const DEFAULT_DEPTH = 64;
/** DAG bodies: 32 nested levels of steps are 131 levels of JSON. */
export const DAG_DEPTH = 200;

export function statusOf(endpoint: EndpointOptions): number {
  const good = Object.keys(endpoint.answers ?? {})
    .map(Number)
    .filter((status) => status < 300);
  return endpoint.status ?? good[0] ?? 200;
}
