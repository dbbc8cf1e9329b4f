// Made by scripts/generate-client.mjs from the service's OpenAPI document; to change it, run that again.

/** Every operation of the public API: what it takes and what it answers. */
export interface Operations {
  /** List what waits for my decision, oldest first */
  readonly 'GET /approvals': {
    readonly query?: {
      /** How many items a page holds at most; large items make it shorter. */
      readonly limit?: number;
      /** Where to go on: `nextCursor` of the page before. */
      readonly cursor?: string;
      /** Whether to count all items; gives `total`. */
      readonly count?: boolean;
    };
    readonly answer: {
      readonly items: readonly Approval[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** Approve or reject; answered when the decision is durable */
  readonly 'POST /approvals/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly body: DecisionBody;
    readonly answer: Approval;
  };

  /** Export ended instances with all that belongs to them */
  readonly 'GET /archive': {
    readonly query: {
      /** Where to go on: the `cursor` of a `whole`, or `nextCursor` of the `end` of the page before. */
      readonly cursor?: string;
      /** RFC 3339, a moment that has passed: what ended before it. */
      readonly before: string;
      /** Instances of this DAG alone. */
      readonly dagId?: string;
    };
    readonly answer: string;
    readonly item: {
      readonly record?: 'instance' | 'task' | 'event' | 'line' | 'unreadable' | 'whole' | 'removed' | 'end';
      /** The instance that a task, an event or a line is of. */
      readonly instance?: string;
      /** Of `whole`: where to go on behind this instance. */
      readonly cursor?: string;
      /** Of `end`: the next page; null when there is none. */
      readonly nextCursor?: string | null;
    };
  };

  /** Remove ended instances, whatever their retention says */
  readonly 'POST /archive/purge': {
    readonly body: ArchivePurgeBody;
    readonly answer: {
      /** Instances that were removed. */
      readonly purged: number;
      /** Bytes that the disk has back. */
      readonly freedBytes: number;
      /** false: there was no time for all of it; ask again. */
      readonly done: boolean;
      readonly tookMs: number;
    };
  };

  /** List the commands of the business domain, the newest first */
  readonly 'GET /audit-records': {
    readonly query?: {
      /** Whose commands: a principal. */
      readonly actor?: string;
      /** Commands of this kind. */
      readonly action?: string;
      /** Commands about the object of this id or name. */
      readonly object?: string;
      readonly outcome?: 'done' | 'refused' | 'failed' | 'unknown';
      /** RFC 3339: commands from this moment on. */
      readonly from?: string;
      /** RFC 3339: commands before this moment. */
      readonly to?: string;
      /** How many items a page holds at most; large items make it shorter. */
      readonly limit?: number;
      /** Where to go on: `nextCursor` of the page before. */
      readonly cursor?: string;
      /** Whether to count all items; gives `total`. */
      readonly count?: boolean;
    };
    readonly answer: {
      readonly items: readonly AuditRecord[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** Export the records, the oldest first */
  readonly 'GET /audit-records/export': {
    readonly query?: {
      /** JSON Lines: one record a line. */
      readonly format?: 'jsonl';
      /** Records behind this sequence. */
      readonly after?: number;
    };
    readonly answer: string;
    readonly item: AuditRecord;
  };

  /** The end of the chain, to be noted elsewhere */
  readonly 'GET /audit-records/head': {
    readonly answer: {
      /** sequence:hash */
      readonly head: string | null;
    };
  };

  /** Look whether records were edited, removed, moved or cut off */
  readonly 'GET /audit-records/verify': {
    readonly query?: {
      /** A head that was noted elsewhere, as `sequence:hash`: what it names has to stand still. */
      readonly head?: string;
      /** `next` of the answer before. */
      readonly after?: string;
    };
    readonly answer: {
      /** Nothing of what was looked at is wrong. */
      readonly ok: boolean;
      /** Records that were looked at. */
      readonly checked: number;
      /** sequence:hash of the newest record; null where nothing was recorded. */
      readonly head: string | null;
      /** sequence:hash of the last one that was removed when its time was over; 0: where none was. */
      readonly base: string;
      readonly firstFault: {
        readonly sequence: number;
        readonly kind: 'edited' | 'missing' | 'reordered' | 'truncated' | 'head' | 'no_key';
      } | null;
      /** There was no time for all of it: give it as `after`. null at the end. */
      readonly next: string | null;
    };
  };

  /** Answer a step that waits for this address; once */
  readonly 'POST /callbacks/{token}': {
    readonly path: {
      readonly token: string;
    };
    readonly body?: unknown;
    readonly answer: undefined;
  };

  /** Say that the answer is still to come, and how far it is */
  readonly 'POST /callbacks/{token}/progress': {
    readonly path: {
      readonly token: string;
    };
    readonly body?: ProgressBody;
    readonly answer: undefined;
  };

  /** List DAGs */
  readonly 'GET /dags': {
    readonly query?: {
      /** Found anywhere in the title, whatever the case. */
      readonly keyword?: string;
      readonly status?: 'normal' | 'stopped';
      /** What starts it. */
      readonly trigger?: 'manual' | 'form' | 'cron' | 'event' | 'webhook' | 'dag' | 'operator';
      readonly tag?: string;
      readonly createdBy?: string;
      /** A minus sorts downward. */
      readonly sort?: 'createdAt' | '-createdAt' | 'updatedAt' | '-updatedAt' | 'title' | '-title';
      /** How many items a page holds at most; large items make it shorter. */
      readonly limit?: number;
      /** Where to go on: `nextCursor` of the page before. */
      readonly cursor?: string;
      /** Whether to count all items; gives `total`. */
      readonly count?: boolean;
    };
    readonly answer: {
      readonly items: readonly DagItem[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** Create a DAG */
  readonly 'POST /dags': {
    readonly body: Readonly<Record<string, unknown>>;
    readonly answer: Dag;
  };

  /** Activate, deactivate, delete or run many DAGs */
  readonly 'POST /dags/batch': {
    readonly body: BatchBody;
    readonly answer: {
      readonly items?: readonly {
        readonly id?: string;
        readonly ok?: boolean;
        readonly instanceId?: string;
        readonly error?: {
          readonly code?: string;
          readonly message?: string;
        };
      }[];
    };
  };

  /** Read many DAGs */
  readonly 'POST /dags/batch-get': {
    readonly body: BatchGetBody;
    readonly answer: {
      readonly items?: readonly Dag[];
    };
  };

  /** Start a debug run, which stops before its breakpoints */
  readonly 'POST /dags/debug/run': {
    readonly body: DebugRunBody;
    readonly answer: Instance;
  };

  /** Carry out one step in a given context */
  readonly 'POST /dags/debug/step': {
    readonly body: DebugStepBody;
    readonly answer: {
      /** The debug run that carried it out; to be read for five minutes. */
      readonly instanceId: string;
      readonly status: 'succeeded' | 'failed' | 'skipped' | 'cancelled' | 'running' | 'retrying' | 'waiting';
      readonly attempt: number;
      /** Rendered; secrets stand by name. */
      readonly parameters: unknown;
      readonly output: unknown;
      readonly error: {
        readonly code?: string;
        readonly message?: string;
        readonly output?: unknown;
      } | null;
      readonly logs: readonly {
        /** What Last-Event-ID takes. */
        readonly id: string;
        readonly type: 'log.line' | 'log.refused' | 'log.full' | 'log.lost';
        readonly seq: number;
        readonly at: string;
        readonly level: 'debug' | 'info' | 'warn' | 'error';
        readonly message: string;
        readonly fields?: Readonly<Record<string, unknown>>;
        readonly taskId: string;
        readonly stepId: string;
        readonly path: string;
        readonly attempt: number;
      }[];
      readonly durationMs: number;
    };
  };

  /** Import one definition or many, as JSON or YAML; one fault refuses all */
  readonly 'POST /dags/import': {
    readonly query?: {
      /** `create` refuses titles that are taken, `upsert` makes a new version of those DAGs. */
      readonly mode?: 'create' | 'upsert';
      /** The language of the documents: `flow`, or `go` for those of the older service (docs/go-definitions.md). */
      readonly dialect?: string;
    };
    readonly body: unknown;
    readonly answer: {
      readonly items?: readonly {
        readonly title?: string;
        readonly ok?: boolean;
        readonly outcome?: 'created' | 'updated' | 'unchanged';
        readonly id?: string;
        readonly version?: string;
        readonly error?: Readonly<Record<string, unknown>>;
        readonly warnings?: readonly {
          readonly pointer?: string;
          readonly code?: string;
          readonly message?: string;
        }[];
      }[];
    };
  };

  /** Check a definition; every fault at once */
  readonly 'POST /dags/validate': {
    readonly body: Readonly<Record<string, unknown>>;
    readonly answer: {
      readonly valid?: boolean;
      readonly errors?: readonly {
        readonly pointer?: string;
        readonly code?: string;
        readonly message?: string;
      }[];
      readonly warnings?: readonly {
        readonly pointer?: string;
        readonly code?: string;
        readonly message?: string;
      }[];
    };
  };

  /** Delete a DAG */
  readonly 'DELETE /dags/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly query?: {
      /** Cancels the instances that have not ended, instead of refusing. */
      readonly cancel?: boolean;
      /** Deletes it though other DAGs call it, instead of refusing. */
      readonly force?: boolean;
    };
    readonly answer: undefined;
  };

  /** Read a DAG */
  readonly 'GET /dags/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly query?: {
      /** An older version, `vMAJOR.MINOR.PATCH`; the newest when left out. */
      readonly version?: string;
    };
    readonly answer: Dag;
  };

  /** Replace a DAG; a changed definition makes a version */
  readonly 'PUT /dags/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly body: Readonly<Record<string, unknown>>;
    readonly answer: Dag;
  };

  /** Cancel one instance of a DAG, or all that have not ended */
  readonly 'POST /dags/{id}/cancel': {
    readonly path: {
      readonly id: string;
    };
    readonly body: CancelBody;
    readonly answer: {
      readonly items?: readonly {
        readonly id?: string;
      }[];
    };
  };

  /** Export a DAG as a definition that import reads */
  readonly 'GET /dags/{id}/export': {
    readonly path: {
      readonly id: string;
    };
    readonly query?: {
      readonly format?: 'json' | 'yaml';
      /** An older version, `vMAJOR.MINOR.PATCH`; the newest when left out. */
      readonly version?: string;
    };
    readonly answer: unknown;
  };

  /** Draw a DAG */
  readonly 'GET /dags/{id}/graph': {
    readonly path: {
      readonly id: string;
    };
    readonly query?: {
      readonly format?: 'mermaid' | 'json';
      /** An older version, `vMAJOR.MINOR.PATCH`; the newest when left out. */
      readonly version?: string;
    };
    readonly answer: {
      readonly mermaid?: string;
      readonly nodes?: readonly unknown[];
      readonly edges?: readonly unknown[];
    };
  };

  /** List the instances of a DAG */
  readonly 'GET /dags/{id}/instances': {
    readonly path: {
      readonly id: string;
    };
    readonly query?: {
      /** One status, or several between commas. */
      readonly status?: string;
      /** RFC 3339; created at this moment or later. */
      readonly createdFrom?: string;
      /** RFC 3339; created before this moment. */
      readonly createdTo?: string;
      /** `key:value`. */
      readonly label?: string;
      readonly sort?: 'createdAt' | '-createdAt';
      /** How many items a page holds at most; large items make it shorter. */
      readonly limit?: number;
      /** Where to go on: `nextCursor` of the page before. */
      readonly cursor?: string;
      /** Whether to count all items; gives `total`. */
      readonly count?: boolean;
    };
    readonly answer: {
      readonly items: readonly Instance[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** Start a run */
  readonly 'POST /dags/{id}/run': {
    readonly path: {
      readonly id: string;
    };
    readonly query?: {
      /** Answer when the run has ended, or after this time as it stands then: ISO 8601, at most PT60S. */
      readonly wait?: string;
    };
    readonly body?: RunBody;
    readonly answer:
      | Instance
      | {
          readonly id?: string;
          readonly status?:
            'queued' | 'running' | 'waiting' | 'paused' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled';
        };
  };

  /** List the triggers of a DAG, the newest first */
  readonly 'GET /dags/{id}/triggers': {
    readonly path: {
      readonly id: string;
    };
    readonly query?: {
      readonly kind?: 'manual' | 'form' | 'cron' | 'webhook' | 'event' | 'dag';
      readonly enabled?: boolean;
      /** Schedules by when they fire next, the first ones, in the place of a page. */
      readonly upcoming?: boolean;
      /** How many items a page holds at most; large items make it shorter. */
      readonly limit?: number;
      /** Where to go on: `nextCursor` of the page before. */
      readonly cursor?: string;
      /** Whether to count all items; gives `total`. */
      readonly count?: boolean;
    };
    readonly answer: {
      readonly items: readonly Trigger[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** Give a DAG another trigger */
  readonly 'POST /dags/{id}/triggers': {
    readonly path: {
      readonly id: string;
    };
    readonly body: TriggerBody;
    readonly answer: Trigger;
  };

  /** List the versions of a DAG, highest first */
  readonly 'GET /dags/{id}/versions': {
    readonly path: {
      readonly id: string;
    };
    readonly query?: {
      /** How many items a page holds at most; large items make it shorter. */
      readonly limit?: number;
      /** Where to go on: `nextCursor` of the page before. */
      readonly cursor?: string;
      /** Whether to count all items; gives `total`. */
      readonly count?: boolean;
    };
    readonly answer: {
      readonly items: readonly VersionItem[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** The version that the next change gets */
  readonly 'GET /dags/{id}/versions/next': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: {
      readonly version?: string;
    };
  };

  /** What changed between two versions, by steps */
  readonly 'GET /dags/{id}/versions/{from}/diff/{to}': {
    readonly path: {
      readonly id: string;
      readonly from: string;
      readonly to: string;
    };
    readonly answer: Diff;
  };

  /** Read a version */
  readonly 'GET /dags/{id}/versions/{version}': {
    readonly path: {
      readonly id: string;
      readonly version: string;
    };
    readonly answer: Version;
  };

  /** Publish an older version as a new one */
  readonly 'POST /dags/{id}/versions/{version}/rollback': {
    readonly path: {
      readonly id: string;
      readonly version: string;
    };
    readonly body?: RollbackBody;
    readonly answer: Dag;
  };

  /** List what was given up: callbacks, then firings of triggers, each the newest first */
  readonly 'GET /dead-letters': {
    readonly query?: {
      /** `callback`: of the end of a run; `firing`: what came for a trigger. */
      readonly kind?: 'callback' | 'firing';
      /** Firings of this trigger. */
      readonly triggerId?: string;
      /** Those that tell of this instance. */
      readonly instanceId?: string;
      /** Those that go to this host; with its port when that is not the scheme's own. */
      readonly host?: string;
      /** How many items a page holds at most; large items make it shorter. */
      readonly limit?: number;
      /** Where to go on: `nextCursor` of the page before. */
      readonly cursor?: string;
      /** Whether to count all items; gives `total`. */
      readonly count?: boolean;
    };
    readonly answer: {
      readonly items: readonly DeadLetterItem[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** Drive many anew, by their ids or by a filter */
  readonly 'POST /dead-letters/redrive': {
    readonly body: RedriveBody;
    readonly answer: {
      readonly items?: readonly {
        readonly id?: string;
        readonly ok?: boolean;
        readonly error?: {
          readonly code?: string;
          readonly message?: string;
        };
      }[];
      /** Of a filter: others fit it too; ask again. */
      readonly more?: boolean;
      /** Of all of a trigger: how many were */
      readonly redriven?: number;
      /** Of all of a trigger: how many are still to be */
      readonly left?: number;
    };
  };

  /** Forget what was given up */
  readonly 'DELETE /dead-letters/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: undefined;
  };

  /** Read what was given up, with what it says and why */
  readonly 'GET /dead-letters/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: DeadLetter;
  };

  /** Change where a callback goes, or what a firing's event says; redriving it is another call */
  readonly 'PUT /dead-letters/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly body: ChangeBody;
    readonly answer: DeadLetter;
  };

  /** Upload a file, to name it in a form */
  readonly 'POST /files': {
    readonly query: {
      /** What the file is called, for people: no path, no control characters, 255 characters at most. */
      readonly name: string;
    };
    readonly body: unknown;
    readonly answer: File;
  };

  /** Read what is known of a file that you have uploaded */
  readonly 'GET /files/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: File;
  };

  /** Download a file that you have uploaded */
  readonly 'GET /files/{id}/content': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: string;
  };

  /** Call a webhook */
  readonly 'POST /hooks/{hookId}': {
    readonly path: {
      readonly hookId: string;
    };
    readonly body?: unknown;
    readonly answer:
      | Readonly<Record<string, unknown>>
      | readonly unknown[]
      | string
      | number
      | boolean
      | null
      | {
          readonly id?: string;
          readonly test?: boolean;
        };
  };

  /** List instances */
  readonly 'GET /instances': {
    readonly query?: {
      /** One status, or several between commas. */
      readonly status?: string;
      /** RFC 3339; created at this moment or later. */
      readonly createdFrom?: string;
      /** RFC 3339; created before this moment. */
      readonly createdTo?: string;
      /** `key:value`. */
      readonly label?: string;
      readonly sort?: 'createdAt' | '-createdAt';
      /** How many items a page holds at most; large items make it shorter. */
      readonly limit?: number;
      /** Where to go on: `nextCursor` of the page before. */
      readonly cursor?: string;
      /** Whether to count all items; gives `total`. */
      readonly count?: boolean;
    };
    readonly answer: {
      readonly items: readonly Instance[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** Cancel, pause, resume or retry many instances */
  readonly 'POST /instances/batch': {
    readonly body: InstanceBatchBody;
    readonly answer: {
      readonly items?: readonly {
        readonly id?: string;
        readonly ok?: boolean;
        /** Of a retry: the new instance. */
        readonly instanceId?: string;
        readonly error?: {
          readonly code?: string;
          readonly message?: string;
        };
      }[];
    };
  };

  /** Read an instance: status, progress, result, reason */
  readonly 'GET /instances/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: Instance;
  };

  /** Cancel an instance */
  readonly 'POST /instances/{id}/cancel': {
    readonly path: {
      readonly id: string;
    };
    readonly body?: CancelInstanceBody;
    readonly answer: {
      readonly id?: string;
      readonly status?:
        'queued' | 'running' | 'waiting' | 'paused' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled';
    };
  };

  /** Let a paused debug run go on to its next breakpoint */
  readonly 'POST /instances/{id}/continue': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: Instance;
  };

  /** Follow the changes of an instance and its tasks */
  readonly 'GET /instances/{id}/events': {
    readonly path: {
      readonly id: string;
    };
    readonly query?: {
      /** As Last-Event-ID, for those who cannot send headers; the header counts where both are given. */
      readonly after?: string;
      /** Whether to wait for what comes: true for events, false for NDJSON when left out. */
      readonly follow?: boolean;
    };
    readonly answer: string | undefined;
    readonly item: {
      /** What Last-Event-ID takes. */
      readonly id: string;
      readonly type: string;
      readonly seq: number;
      readonly at: string;
      readonly taskId?: string;
      readonly stepId?: string;
      readonly path?: string;
      readonly attempt?: number;
      readonly error?: {
        readonly code?: string;
        readonly message?: string;
      };
      /** Why it failed or was cancelled; of instance.cancelling, the words of who asked for it. */
      readonly reason?: Readonly<Record<string, unknown>> | string | null;
      /** Who cancelled, paused, resumed, decided; `breakpoint` for a debug run that stopped. */
      readonly by?: string;
      readonly decision?: 'approved' | 'rejected';
      /** Of task.child_started and task.child_ended: the instance. */
      readonly child?: string | null;
      /** Which of the children, from 0. */
      readonly index?: number;
      /** How the child ended. */
      readonly status?: string;
    };
  };

  /** Everything that happened to an instance and its tasks, in order */
  readonly 'GET /instances/{id}/history': {
    readonly path: {
      readonly id: string;
    };
    readonly query?: {
      /** How many items a page holds at most; large items make it shorter. */
      readonly limit?: number;
      /** Where to go on: `nextCursor` of the page before. */
      readonly cursor?: string;
      /** Whether to count all items; gives `total`. */
      readonly count?: boolean;
    };
    readonly answer: {
      readonly items: readonly History[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** Follow the log lines of the tasks of an instance */
  readonly 'GET /instances/{id}/logs': {
    readonly path: {
      readonly id: string;
    };
    readonly query?: {
      /** Lines of this task alone. */
      readonly taskId?: string;
      /** As Last-Event-ID, for those who cannot send headers; the header counts where both are given. */
      readonly after?: string;
      /** Whether to wait for what comes: true for events, false for NDJSON when left out. */
      readonly follow?: boolean;
    };
    readonly answer: string | undefined;
    readonly item: {
      /** What Last-Event-ID takes. */
      readonly id: string;
      readonly type: 'log.line' | 'log.refused' | 'log.full' | 'log.lost';
      readonly seq: number;
      readonly at: string;
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields?: Readonly<Record<string, unknown>>;
      readonly taskId: string;
      readonly stepId: string;
      readonly path: string;
      readonly attempt: number;
    };
  };

  /** Pause an instance: what runs ends, nothing new starts */
  readonly 'POST /instances/{id}/pause': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: {
      readonly id?: string;
      readonly status?:
        'queued' | 'running' | 'waiting' | 'paused' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled';
    };
  };

  /** Let a paused instance go on */
  readonly 'POST /instances/{id}/resume': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: {
      readonly id?: string;
      readonly status?:
        'queued' | 'running' | 'waiting' | 'paused' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled';
    };
  };

  /** Run an ended instance again as a new one that keeps what succeeded */
  readonly 'POST /instances/{id}/retry': {
    readonly path: {
      readonly id: string;
    };
    readonly body?: RetryBody;
    readonly answer: {
      /** Null of a dry run. */
      readonly id?: string | null;
      /** Null of a dry run. */
      readonly status?:
        'queued' | 'running' | 'waiting' | 'paused' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled' | null;
      readonly attempt?: number;
      readonly retryOf?: string;
      /** Tasks that are taken over. */
      readonly kept?: number;
      /** What was done before and is done again as soon as the new run comes to it: calls with the effect of each, and what waits or starts another DAG, whose `effect` is null. */
      readonly again?: readonly {
        readonly stepId?: string;
        readonly path?: string;
        readonly operator?: string;
        readonly effect?: 'pure' | 'read' | 'write' | null;
      }[];
      /** Those of `again` that are calls with an effect outside. */
      readonly repeats?: readonly {
        readonly stepId?: string;
        readonly path?: string;
        readonly operator?: string;
      }[];
    };
  };

  /** Let one step of a paused debug run begin */
  readonly 'POST /instances/{id}/step': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: Instance;
  };

  /** List the tasks of an instance */
  readonly 'GET /instances/{id}/tasks': {
    readonly path: {
      readonly id: string;
    };
    readonly query?: {
      /** How many items a page holds at most; large items make it shorter. */
      readonly limit?: number;
      /** Where to go on: `nextCursor` of the page before. */
      readonly cursor?: string;
      /** Whether to count all items; gives `total`. */
      readonly count?: boolean;
    };
    readonly answer: {
      readonly items: readonly Task[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** Read a task */
  readonly 'GET /instances/{id}/tasks/{taskId}': {
    readonly path: {
      readonly id: string;
      readonly taskId: string;
    };
    readonly answer: Task;
  };

  /** What an instance waits for, or why it ended as it did */
  readonly 'GET /instances/{id}/why': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: {
      readonly status:
        'queued' | 'running' | 'waiting' | 'paused' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled';
      /** What keeps it from its end, 100 at most; empty when it has ended. */
      readonly waitingFor: readonly {
        readonly kind?:
          | 'queued'
          | 'slot'
          | 'running'
          | 'starting'
          | 'retrying'
          | 'reading'
          | 'timer'
          | 'callback'
          | 'approval'
          | 'children'
          | 'paused'
          | 'recovering'
          | 'writing'
          | 'unusable';
        /** A sentence for people. */
        readonly message?: string;
        readonly stepId?: string | null;
        readonly path?: string | null;
        readonly since?: string | null;
        /** When it is over at the latest. */
        readonly until?: string | null;
      }[];
      readonly reason: {
        readonly code?: string;
        readonly message?: string;
        readonly stepId?: string | null;
        readonly path?: string | null;
        readonly attempt?: number | null;
      } | null;
      /** Where its end is told, when it was started with `callbackUrl`; how far that has come stands in a single read alone. */
      readonly callback?: {
        /** Without the query, which may hold what lets its caller in. */
        readonly url?: string;
        readonly status?: 'pending' | 'delivered' | 'dead';
        readonly attempts?: number;
        /** When it is tried next. */
        readonly nextAt?: string | null;
        /** What kept the last attempt from being taken. */
        readonly lastError?: string | null;
      };
    };
  };

  /** Who you are, where, and what you may do */
  readonly 'GET /me': {
    readonly answer: Me;
  };

  /** List your tokens */
  readonly 'GET /me/tokens': {
    readonly query?: {
      /** How many items a page holds at most; large items make it shorter. */
      readonly limit?: number;
      /** Where to go on: `nextCursor` of the page before. */
      readonly cursor?: string;
      /** Whether to count all items; gives `total`. */
      readonly count?: boolean;
    };
    readonly answer: {
      readonly items: readonly Token[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** Make a token; it can do nothing that yours cannot */
  readonly 'POST /me/tokens': {
    readonly body: NewTokenBody;
    readonly answer: {
      readonly id?: string;
      readonly principal?: string;
      readonly name?: string;
      readonly permissions?: readonly string[];
      readonly domains?: '*' | readonly string[];
      readonly createdBy?: string;
      readonly createdAt?: string | null;
      readonly expiresAt?: string | null;
      readonly lastUsedAt?: string | null;
      /** The token itself: shown this once. */
      readonly token?: string;
    };
  };

  /** Revoke a token */
  readonly 'DELETE /me/tokens/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: undefined;
  };

  /** How many instances are live, by status, and how many ended in the last hour, by minute */
  readonly 'GET /observability/runtime-view': {
    readonly answer: {
      readonly at?: string;
      /** Instances that have not ended, by status, each counted up to 10,000. */
      readonly live?: {
        readonly queued?: {
          readonly count?: number;
          /** There are more. */
          readonly more?: boolean;
        };
        readonly running?: {
          readonly count?: number;
          /** There are more. */
          readonly more?: boolean;
        };
        readonly waiting?: {
          readonly count?: number;
          /** There are more. */
          readonly more?: boolean;
        };
        readonly paused?: {
          readonly count?: number;
          /** There are more. */
          readonly more?: boolean;
        };
        readonly cancelling?: {
          readonly count?: number;
          /** There are more. */
          readonly more?: boolean;
        };
      };
      /** Instances that ended in the last hour, the newest 20,000. */
      readonly ended?: {
        /** The oldest first, the present one last. */
        readonly minutes?: readonly {
          readonly at?: string;
          readonly succeeded?: number;
          readonly failed?: number;
          readonly cancelled?: number;
        }[];
        /** More ended: the oldest of them are not counted. */
        readonly more?: boolean;
      };
    };
  };

  /** Every operator: schemas, effect, time-out, help and an example */
  readonly 'GET /operators/catalog': {
    readonly answer: {
      readonly items?: readonly Readonly<Record<string, unknown>>[];
    };
  };

  /** What waits, and for what */
  readonly 'GET /queues': {
    readonly answer: Queues;
  };

  /** JSON Schema of DAG definitions, for editors */
  readonly 'GET /schemas/dag.json': {
    readonly answer: Readonly<Record<string, unknown>>;
  };

  /** List secrets, without their values */
  readonly 'GET /secrets': {
    readonly query?: {
      /** How many items a page holds at most; large items make it shorter. */
      readonly limit?: number;
      /** Where to go on: `nextCursor` of the page before. */
      readonly cursor?: string;
      /** Whether to count all items; gives `total`. */
      readonly count?: boolean;
    };
    readonly answer: {
      readonly items: readonly Secret[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** Keep a secret */
  readonly 'POST /secrets': {
    readonly body: NewSecretBody;
    readonly answer: Secret;
  };

  /** Delete a secret */
  readonly 'DELETE /secrets/{name}': {
    readonly path: {
      readonly name: string;
    };
    readonly query?: {
      /** Deletes it though DAGs name it, instead of refusing. */
      readonly force?: boolean;
    };
    readonly answer: undefined;
  };

  /** Give a secret a new value and new hosts */
  readonly 'PUT /secrets/{name}': {
    readonly path: {
      readonly name: string;
    };
    readonly body: SecretContentBody;
    readonly answer: Secret;
  };

  /** Sign a browser out: take the cookie away; the token itself stays good */
  readonly 'DELETE /session': {
    readonly answer: undefined;
  };

  /** Sign a browser in: the token becomes a cookie that no page can read */
  readonly 'POST /session': {
    readonly answer: Me;
  };

  /** List the triggers of the business domain */
  readonly 'GET /triggers': {
    readonly query?: {
      readonly kind?: 'manual' | 'form' | 'cron' | 'webhook' | 'event' | 'dag';
      readonly enabled?: boolean;
      /** Schedules by when they fire next, the first ones, in the place of a page. */
      readonly upcoming?: boolean;
      /** How many items a page holds at most; large items make it shorter. */
      readonly limit?: number;
      /** Where to go on: `nextCursor` of the page before. */
      readonly cursor?: string;
      /** Whether to count all items; gives `total`. */
      readonly count?: boolean;
    };
    readonly answer: {
      readonly items: readonly Trigger[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** What all schedules fire, hour by hour */
  readonly 'GET /triggers/calendar': {
    readonly query: {
      /** RFC 3339, whole seconds; hours count from here on. */
      readonly from: string;
      /** RFC 3339; at most 8 days later. */
      readonly to: string;
      /** Schedules of an hour that are told of by themselves; all of them are counted. */
      readonly perHour?: number;
    };
    readonly answer: {
      readonly hours: readonly {
        /** When the hour begins */
        readonly at: string;
        /** Schedules that fire in it */
        readonly schedules: number;
        /** How often all of them fire */
        readonly fires: number;
        /** They fire more often than `fires`: nobody counted on */
        readonly more: boolean;
        readonly items: readonly {
          readonly triggerId: string;
          /** How often it fires in this hour */
          readonly count: number;
          /** More often than `count` */
          readonly more: boolean;
          /** The first ones, six at most */
          readonly times: readonly string[];
          /** What a change of the clocks does to one of them */
          readonly note?: string;
        }[];
      }[];
      /** Those that `hours` tell of */
      readonly triggers: readonly {
        readonly id: string;
        readonly dagId: string;
        readonly name: string;
        /** The schedule in words */
        readonly description: string;
        /** Whose clocks it counts by */
        readonly timezone: string;
      }[];
      /** From here on schedules are missing, for there are more than the 2,000 that fire next; null when all are here */
      readonly completeUntil: string | null;
    };
  };

  /** When a schedule would fire that is not made yet; every fault at once */
  readonly 'POST /triggers/preview': {
    readonly body: PreviewBody;
    readonly answer: {
      /** The schedule in words */
      readonly description?: string;
      readonly items?: readonly Preview[];
    };
  };

  /** Delete a trigger; its history stays as long as it is kept */
  readonly 'DELETE /triggers/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: undefined;
  };

  /** Read a trigger */
  readonly 'GET /triggers/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: Trigger;
  };

  /** Change a trigger */
  readonly 'PUT /triggers/{id}': {
    readonly path: {
      readonly id: string;
    };
    readonly body: TriggerBody;
    readonly answer: Trigger;
  };

  /** Start runs for times of a schedule that are over */
  readonly 'POST /triggers/{id}/backfill': {
    readonly path: {
      readonly id: string;
    };
    readonly body: BackfillBody;
    readonly answer: {
      /** Null of a dry run */
      readonly id?: string | null;
      readonly count?: number;
      /** Times that an earlier backfill had; they are left out */
      readonly standing?: number;
      readonly times?: readonly string[];
    };
  };

  /** Cancel what a backfill has not begun; what runs goes on */
  readonly 'DELETE /triggers/{id}/backfills/{backfill}': {
    readonly path: {
      readonly id: string;
      readonly backfill: string;
    };
    readonly answer: {
      readonly cancelled?: number;
    };
  };

  /** Disable a trigger */
  readonly 'POST /triggers/{id}/disable': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: Trigger;
  };

  /** Enable a trigger */
  readonly 'POST /triggers/{id}/enable': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: Trigger;
  };

  /** Fire a trigger now */
  readonly 'POST /triggers/{id}/fire': {
    readonly path: {
      readonly id: string;
    };
    readonly body?: FireBody;
    readonly answer: Firing;
  };

  /** What a trigger has fired, skipped and why, the newest first */
  readonly 'GET /triggers/{id}/firings': {
    readonly path: {
      readonly id: string;
    };
    readonly query?: {
      /** One status, or several between commas: gathering, batched, pending, fired, skipped, deduplicated, failed, dead. */
      readonly status?: string;
      /** A backfill or a batch. */
      readonly group?: string;
      /** How many items a page holds at most; large items make it shorter. */
      readonly limit?: number;
      /** Where to go on: `nextCursor` of the page before. */
      readonly cursor?: string;
      /** Whether to count all items; gives `total`. */
      readonly count?: boolean;
    };
    readonly answer: {
      readonly items: readonly Firing[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** The JSON Schema of the data that a trigger is fired with, for forms of user interfaces */
  readonly 'GET /triggers/{id}/form': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: Readonly<Record<string, unknown>>;
  };

  /** List the saved inputs of a trigger by their names, all at once */
  readonly 'GET /triggers/{id}/inputs': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: {
      readonly items: readonly Input[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** Save data under a name, to fire the trigger with */
  readonly 'POST /triggers/{id}/inputs': {
    readonly path: {
      readonly id: string;
    };
    readonly body: SavedInputBody;
    readonly answer: Input;
  };

  /** Delete a saved input */
  readonly 'DELETE /triggers/{id}/inputs/{name}': {
    readonly path: {
      readonly id: string;
      readonly name: string;
    };
    readonly answer: undefined;
  };

  /** When a schedule fires next, and what changes of the clocks do to it */
  readonly 'GET /triggers/{id}/preview': {
    readonly path: {
      readonly id: string;
    };
    readonly query?: {
      /** How many times to come. */
      readonly n?: number;
    };
    readonly answer: {
      readonly items?: readonly Preview[];
    };
  };

  /** Give a webhook another address */
  readonly 'POST /triggers/{id}/rotate-hook': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: Trigger;
  };

  /** List variables */
  readonly 'GET /variables': {
    readonly query?: {
      /** How many items a page holds at most; large items make it shorter. */
      readonly limit?: number;
      /** Where to go on: `nextCursor` of the page before. */
      readonly cursor?: string;
      /** Whether to count all items; gives `total`. */
      readonly count?: boolean;
    };
    readonly answer: {
      readonly items: readonly Variable[];
      /** Give it as `cursor` for the next page; null on the last. */
      readonly nextCursor: string | null;
      /** With `count=true`. */
      readonly total?: number;
    };
  };

  /** Keep a variable */
  readonly 'POST /variables': {
    readonly body: NewVariableBody;
    readonly answer: Variable;
  };

  /** Delete a variable */
  readonly 'DELETE /variables/{name}': {
    readonly path: {
      readonly name: string;
    };
    readonly answer: undefined;
  };

  /** Give a variable a new value */
  readonly 'PUT /variables/{name}': {
    readonly path: {
      readonly name: string;
    };
    readonly body: VariableContentBody;
    readonly answer: Variable;
  };

  /** Read what callbacks are signed with, to check them */
  readonly 'GET /webhook-secret': {
    readonly answer: {
      /** Those that sign now, the newest first: one, or two for a while after a rotation. */
      readonly items?: readonly WebhookSecret[];
    };
  };

  /** Make a new secret; the one until now signs beside it for a while */
  readonly 'POST /webhook-secret/rotate': {
    readonly body?: RotateBody;
    readonly answer: {
      /** Those that sign now, the newest first: one, or two for a while after a rotation. */
      readonly items?: readonly WebhookSecret[];
    };
  };

  /** Processes that run instances, oldest first */
  readonly 'GET /workers': {
    readonly answer: {
      readonly items?: readonly Worker[];
    };
  };

  /** Have a process let go of what it holds */
  readonly 'POST /workers/{id}/drain': {
    readonly path: {
      readonly id: string;
    };
    readonly answer: {
      readonly id?: string;
    };
  };
}

export interface Dag {
  readonly id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly status?: 'normal' | 'stopped';
  readonly type?: string;
  readonly tags?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly priority?: 'lowest' | 'low' | 'medium' | 'high' | 'highest';
  readonly version?: string;
  readonly createdBy?: string;
  readonly createdAt?: string;
  readonly updatedAt?: string;
  readonly modifiedBy?: string;
  readonly changeLog?: string;
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly steps?: readonly Readonly<Record<string, unknown>>[];
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** ISO 8601 duration. */
  readonly timeout?: string;
  /** ISO 8601 duration: what has not begun so long after it was accepted fails. */
  readonly startBy?: string;
  /** How many instances run at once, and what happens to more (docs/limits.md). */
  readonly concurrency?: {
    readonly max?: number;
    /** A text with expressions: instances with the same value share the slots. */
    readonly key?: string;
    readonly onFull?: 'queue' | 'queueOne' | 'reject' | 'cancelOldest' | 'cancelOthers';
  };
  /** How many instances are started in a time. */
  readonly rateLimit?: {
    readonly max?: number;
    /** ISO 8601 duration, or milliseconds. */
    readonly per?: string | number;
    readonly key?: string;
    readonly burst?: number;
  };
  /** How long ended instances are kept: an ISO 8601 duration or `forever`, for all or by how they ended. */
  readonly retention?: string | Readonly<Record<string, unknown>>;
}

export interface Diff {
  readonly added?: readonly {
    readonly stepId?: string;
  }[];
  readonly removed?: readonly {
    readonly stepId?: string;
  }[];
  readonly moved?: readonly {
    readonly stepId?: string;
  }[];
  readonly changed?: readonly {
    readonly stepId?: string;
    readonly changes?: readonly {
      readonly pointer?: string;
      readonly from?: unknown;
      readonly to?: unknown;
    }[];
  }[];
  /** Changed fields of the DAG itself. */
  readonly fields?: readonly {
    readonly pointer?: string;
    readonly from?: unknown;
    readonly to?: unknown;
  }[];
}

export interface Version {
  readonly dagId?: string;
  readonly version?: string;
  readonly changeLog?: string;
  readonly createdBy?: string;
  readonly createdAt?: string;
  readonly content?: Readonly<Record<string, unknown>>;
}

export interface DeadLetter {
  readonly kind?: 'callback' | 'firing';
  /** Of a callback: what every attempt bore as `webhook-id`, and bears when it is driven anew. */
  readonly id?: string;
  /** Of a callback */
  readonly instanceId?: string;
  /** Of a callback: where it goes, without the query. */
  readonly url?: string;
  /** Of a firing */
  readonly triggerId?: string;
  /** Of a firing */
  readonly dagId?: string;
  /** Of a firing: why it was given up, as docs/errors.md has it */
  readonly code?: string;
  readonly attempts?: number;
  readonly lastError?: string;
  /** When it was first to be delivered. */
  readonly createdAt?: string;
  /** When it was given up. */
  readonly diedAt?: string;
  /** What a callback says; stays as it is. The event of a firing. */
  readonly payload?: unknown;
}

export interface File {
  /** The handle: forms take it in the place of the file. */
  readonly id?: string;
  readonly name?: string;
  readonly contentType?: string;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly createdAt?: string;
  readonly expiresAt?: string;
}

export interface Instance {
  readonly id?: string;
  readonly dagId?: string;
  readonly version?: string;
  readonly status?: 'queued' | 'running' | 'waiting' | 'paused' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled';
  readonly priority?: 'lowest' | 'low' | 'medium' | 'high' | 'highest';
  readonly labels?: Readonly<Record<string, string>>;
  readonly trigger?: {
    readonly kind?: string;
    readonly id?: string;
  };
  readonly input?: Readonly<Record<string, unknown>>;
  /** The return's parameters without `result`, or the DAG's `outputs`. */
  readonly result?: unknown;
  readonly reason?: {
    readonly code?: string;
    readonly message?: string;
    readonly stepId?: string | null;
    readonly path?: string | null;
    readonly attempt?: number | null;
    /** What came back all the same. */
    readonly output?: unknown;
    /** The failure that this one followed, with a cause of its own; of a sub-flow, the child's reason. */
    readonly cause?: {
      readonly code?: string;
      readonly message?: string;
      readonly stepId?: string | null;
      readonly path?: string | null;
      readonly attempt?: number | null;
    };
    /** What was undone, in the order in which it was. */
    readonly compensation?: readonly {
      readonly stepId?: string;
      readonly path?: string;
      readonly status?: 'succeeded' | 'failed';
      readonly error?: {
        readonly code?: string;
        readonly message?: string;
      };
    }[];
  } | null;
  readonly progress?: {
    readonly total?: number;
    readonly done?: number;
  };
  readonly attempt?: number;
  readonly retryOf?: string | null;
  readonly rootId?: string;
  readonly parentId?: string | null;
  /** Of a sub-flow: the step that started it. */
  readonly parent?: {
    readonly id?: string;
    readonly path?: string;
    readonly attempt?: number;
    /** Which of the children of that step it is, from 0. */
    readonly index?: number;
    /** Whether the step waits for its end. */
    readonly waits?: boolean;
  };
  /** Of a sub-flow: how many levels are above it. */
  readonly depth?: number;
  /** Where its end is told, when it was started with `callbackUrl`; how far that has come stands in a single read alone. */
  readonly callback?: {
    /** Without the query, which may hold what lets its caller in. */
    readonly url?: string;
    readonly status?: 'pending' | 'delivered' | 'dead';
    readonly attempts?: number;
    /** When it is tried next. */
    readonly nextAt?: string | null;
    /** What kept the last attempt from being taken. */
    readonly lastError?: string | null;
  };
  /** Of a debug run, which is its caller's alone. */
  readonly debug?: {
    /** Then it is cancelled, and goes away. */
    readonly expiresAt?: string;
    readonly breakpoints?: readonly string[];
    /** Ids of the steps whose outputs were given. */
    readonly pins?: readonly string[];
    readonly dryRun?: boolean;
    /** The path of the step whose breakpoint stopped it and which has not begun since. */
    readonly pausedAt?: string | null;
    /** What the next steps begin, in their order; 100 at most. */
    readonly held?: readonly {
      readonly stepId?: string;
      readonly path?: string;
    }[];
  };
  /** Of the W3C trace that its start belongs to, when the request had a `traceparent`; of a sub-flow, that of its parent. */
  readonly traceId?: string;
  /** Of a DAG with `concurrency`: instances with the same key share its slots. */
  readonly slot?: {
    /** What the key came to, as JSON; '' without a key. */
    readonly key?: string;
    /** It waits for a slot, or has ended before it had one. */
    readonly queued?: boolean;
  };
  readonly createdBy?: string;
  readonly createdAt?: string;
  readonly startedAt?: string | null;
  readonly endedAt?: string | null;
  /** Of lists: values that stand as null because they are large, where and how many bytes. Reading the one instance or task gives them in their places. */
  readonly large?: readonly {
    readonly pointer?: string;
    readonly bytes?: number;
  }[];
}

export interface Task {
  readonly id?: string;
  readonly stepId?: string;
  readonly path?: string;
  readonly title?: string | null;
  readonly operator?: string;
  readonly status?: 'pending' | 'running' | 'retrying' | 'waiting' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';
  readonly attempt?: number;
  /** Rendered parameters; secrets stand by name. */
  readonly input?: unknown;
  readonly output?: unknown;
  /** Taken over from the instance that this one retries. */
  readonly adopted?: true;
  readonly error?: {
    readonly code?: string;
    readonly message?: string;
    /** `onError` took it. */
    readonly handled?: boolean;
    readonly output?: unknown;
  } | null;
  /** While it waits. */
  readonly waitingFor?: {
    readonly kind?: 'timer' | 'callback' | 'approval' | 'children';
    /** When the wait is over at the latest; with `heartbeat` the next sign of life is due then. */
    readonly until?: string | null;
    /** Of a callback: when its last sign of life came. */
    readonly seenAt?: string;
    /** Of a callback: what the other side told last. */
    readonly progress?: {
      readonly percent?: number;
      readonly message?: string;
      readonly data?: unknown;
      readonly at?: string;
    };
    /** Of an approval, as what follows. */
    readonly assignees?: readonly string[];
    readonly quorum?: number;
    readonly schema?: Readonly<Record<string, unknown>> | null;
    readonly decisions?: readonly Readonly<Record<string, unknown>>[];
    /** Of sub-flows, as what follows. */
    readonly total?: number;
    /** Children that have not ended. */
    readonly open?: number;
    /** The first child, once it stands. */
    readonly first?: string | null;
  };
  readonly startedAt?: string | null;
  readonly endedAt?: string | null;
  /** Of lists: values that stand as null because they are large, where and how many bytes. Reading the one instance or task gives them in their places. */
  readonly large?: readonly {
    readonly pointer?: string;
    readonly bytes?: number;
  }[];
}

export interface Trigger {
  readonly id?: string;
  readonly dagId?: string;
  readonly kind?: 'manual' | 'form' | 'cron' | 'webhook' | 'event' | 'dag';
  readonly name?: string;
  readonly enabled?: boolean;
  /** What keeps an enabled one from hearing of anything now: `{code, message}`; null in lists */
  readonly problem?: Readonly<Record<string, unknown>> | null;
  /** Why the service itself disabled it: `{code, message}` */
  readonly disabled?: Readonly<Record<string, unknown>> | null;
  /** It is the first step of its DAG: change the DAG to change it */
  readonly derived?: boolean;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly input?: Readonly<Record<string, unknown>> | null;
  readonly filter?: string | null;
  readonly dedupeKey?: string | null;
  readonly concurrency?: Readonly<Record<string, unknown>> | null;
  readonly owner?: string;
  /** A schedule in words */
  readonly description?: string | null;
  /** Of a webhook, for callers with trigger.view: whoever knows it may call */
  readonly url?: string | null;
  /** The same for tests: everything is checked, and nothing is started */
  readonly testUrl?: string | null;
  readonly lastFiredAt?: string | null;
  readonly nextFireAt?: string | null;
  /** Runs in a row that failed */
  readonly failures?: number;
  readonly createdAt?: string;
  readonly modifiedBy?: string;
  readonly updatedAt?: string;
}

export interface Approval {
  readonly id?: string;
  readonly instanceId?: string;
  readonly dagId?: string;
  readonly stepId?: string;
  readonly path?: string;
  /** What is to be decided. */
  readonly title?: string | null;
  /** Of its task: `waiting` until enough have decided. */
  readonly status?: string;
  readonly assignees?: readonly string[];
  /** How many must approve; one rejection is enough. */
  readonly quorum?: number;
  /** JSON Schema of the data that comes with an approval. */
  readonly schema?: Readonly<Record<string, unknown>> | null;
  /** First one first. */
  readonly decisions?: readonly {
    readonly by?: string;
    readonly decision?: 'approved' | 'rejected';
    readonly at?: string;
    readonly data?: unknown;
  }[];
  readonly expiresAt?: string | null;
  readonly createdAt?: string | null;
}

export interface AuditRecord {
  readonly id: string;
  /** Its place in the chain of the business domain; from 1, without a gap. */
  readonly sequence: number;
  /** When the command came. */
  readonly at: string | null;
  /** When it was answered. */
  readonly endedAt?: string | null;
  readonly actor: {
    readonly principal: string;
    readonly tokenId: string;
  };
  readonly action: string;
  readonly object: {
    readonly type: string;
    readonly id: string | null;
  };
  /** unknown: its process died before that was known. */
  readonly outcome: 'done' | 'refused' | 'failed' | 'unknown';
  /** Of HTTP. */
  readonly status: number | null;
  /** The error's. */
  readonly code: string | null;
  readonly requestId: string;
  readonly traceId?: string | null;
  /** The address that it came from. */
  readonly remote?: string | null;
  /** What else may be shown of it. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly keyId?: string;
  /** Over the hash before it and all that stands here. */
  readonly hash: string;
}

export interface DagItem {
  readonly id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly status?: 'normal' | 'stopped';
  readonly type?: string;
  readonly tags?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly priority?: 'lowest' | 'low' | 'medium' | 'high' | 'highest';
  readonly version?: string;
  /** What starts it: manual, form... */
  readonly trigger?: string;
  readonly createdBy?: string;
  readonly createdAt?: string;
  readonly updatedAt?: string;
  readonly modifiedBy?: string;
}

export interface VersionItem {
  readonly dagId?: string;
  readonly version?: string;
  readonly changeLog?: string;
  readonly createdBy?: string;
  readonly createdAt?: string;
}

export interface DeadLetterItem {
  readonly kind?: 'callback' | 'firing';
  /** Of a callback: what every attempt bore as `webhook-id`, and bears when it is driven anew. */
  readonly id?: string;
  /** Of a callback */
  readonly instanceId?: string;
  /** Of a callback: where it goes, without the query. */
  readonly url?: string;
  /** Of a firing */
  readonly triggerId?: string;
  /** Of a firing */
  readonly dagId?: string;
  /** Of a firing: why it was given up, as docs/errors.md has it */
  readonly code?: string;
  readonly attempts?: number;
  readonly lastError?: string;
  /** When it was first to be delivered. */
  readonly createdAt?: string;
  /** When it was given up. */
  readonly diedAt?: string;
}

export interface History {
  readonly seq?: number;
  readonly type?: string;
  readonly at?: string;
  readonly path?: string;
  /** Who cancelled, paused, resumed, decided; `breakpoint` for a debug run that stopped. */
  readonly by?: string;
  readonly decision?: 'approved' | 'rejected';
  /** Of task.child_started and task.child_ended: the instance. */
  readonly child?: string | null;
  /** Which of the children, from 0. */
  readonly index?: number;
  /** How the child ended. */
  readonly status?: string;
}

export interface Me {
  readonly principal?: string;
  readonly domain?: string;
  readonly permissions?: readonly string[];
  readonly token?: {
    readonly id?: string;
    readonly domains?: '*' | readonly string[];
    readonly expiresAt?: string | null;
  };
}

export interface Token {
  readonly id?: string;
  readonly principal?: string;
  readonly name?: string;
  readonly permissions?: readonly string[];
  readonly domains?: '*' | readonly string[];
  readonly createdBy?: string;
  readonly createdAt?: string | null;
  readonly expiresAt?: string | null;
  readonly lastUsedAt?: string | null;
}

export interface Queues {
  /** Runs that wait for a process with room; null where one process does everything. */
  readonly dispatch?: {
    readonly waiting?: number;
    /** Those whose time has not come. */
    readonly later?: number;
    /** Lanes in which something waits; business domains are spread over 32. */
    readonly lanes?: readonly {
      readonly lane?: number;
      readonly waiting?: number;
      readonly later?: number;
    }[];
  } | null;
  readonly slots?: {
    /** Instances that wait for a slot of their DAG (concurrency). */
    readonly waiting?: number;
  };
  readonly callbacks?: {
    /** Callbacks that wait to be taken. */
    readonly pending?: number;
    /** Callbacks that were given up: see /dead-letters. */
    readonly dead?: number;
  };
}

export interface Secret {
  readonly name?: string;
  readonly hosts?: readonly string[];
  readonly createdBy?: string;
  readonly createdAt?: string;
  readonly modifiedBy?: string;
  readonly updatedAt?: string;
  /** The DAGs whose newest version names it, and the webhooks that verify calls by it: how many together, and 20 of each for callers with dag.view. */
  readonly usedBy?: {
    readonly total?: number;
    readonly dags?: readonly {
      readonly id?: string;
      readonly title?: string;
    }[];
    readonly triggers?: readonly {
      readonly id?: string;
      readonly dagId?: string;
    }[];
  };
}

export interface Firing {
  readonly id?: string;
  readonly triggerId?: string;
  readonly dagId?: string;
  /** The only one of its trigger: the fire time, the event, what `dedupeKey` came to */
  readonly key?: string;
  readonly cause?: string;
  /** When it was due, or when it came */
  readonly at?: string;
  readonly status?: 'gathering' | 'batched' | 'pending' | 'fired' | 'skipped' | 'deduplicated' | 'failed' | 'dead';
  /** Why nothing was started: `{code, message}` */
  readonly reason?: Readonly<Record<string, unknown>> | null;
  readonly instanceId?: string | null;
  readonly attempts?: number;
  /** The backfill or the batch that it belongs to */
  readonly group?: string | null;
  readonly event?: Readonly<Record<string, unknown>>;
  readonly createdAt?: string;
  readonly endedAt?: string | null;
}

export interface Input {
  readonly name?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly createdBy?: string;
  readonly createdAt?: string;
}

export interface Preview {
  readonly at?: string;
  readonly local?: string;
  /** What a change of the clocks does to it */
  readonly note?: string;
}

export interface Variable {
  readonly name?: string;
  readonly value?: unknown;
  readonly createdBy?: string;
  readonly createdAt?: string;
  readonly modifiedBy?: string;
  readonly updatedAt?: string;
}

export interface WebhookSecret {
  readonly id?: string;
  /** `whsec_` and the key in Base64. */
  readonly value?: string;
  readonly createdAt?: string;
  /** Until when it signs; null is the newest one. */
  readonly expiresAt?: string | null;
}

export interface Worker {
  /** Of this start of the process; the next one has another. */
  readonly id?: string;
  /** `silent`: not heard of for ten seconds, if the clocks of the machines go alike. `closing`: others take over what it held. */
  readonly status?: 'starting' | 'running' | 'draining' | 'silent' | 'closing';
  readonly app?: string | null;
  readonly version?: string | null;
  readonly host?: string | null;
  readonly pid?: number | null;
  readonly startedAt?: string | null;
  /** Its last sign of life, by its own clock. */
  readonly seenAt?: string | null;
  /** Instances that it holds. */
  readonly instances?: number | null;
  /** Calls of operators that are under way. */
  readonly calls?: number | null;
  /** Whether it takes up one more. */
  readonly hasRoom?: boolean | null;
}

export interface BatchGetBody {
  readonly ids: readonly string[];
  /** Only these fields, and always the id. */
  readonly fields?: readonly string[];
}

export interface BatchBody {
  readonly action: 'activate' | 'deactivate' | 'delete' | 'run';
  readonly ids: readonly string[];
}

export interface RollbackBody {
  /** The version that is made; the next patch version when left out. */
  readonly version?: string;
  readonly changeLog?: string;
}

export interface RunBody {
  /** What the trigger's fields take. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** An older version; the newest when left out. */
  readonly version?: string;
  readonly priority?: 'lowest' | 'low' | 'medium' | 'high' | 'highest';
  /** Text by name; lists of instances filter by them. */
  readonly labels?: Readonly<Record<string, unknown>>;
  /** Told at the end of the run, however it ends, by a signed POST that is repeated until it is taken. */
  readonly callbackUrl?: string;
}

export interface CancelBody {
  readonly instanceId?: string;
  /** Every instance of the DAG that has not ended. */
  readonly all?: boolean;
  readonly reason?: string;
  /** Run the undo steps of what has succeeded, last success first. */
  readonly compensate?: boolean;
}

export interface InstanceBatchBody {
  readonly action: 'cancel' | 'pause' | 'resume' | 'retry';
  /** Of a retry: the version that the instance ran on, or the newest one. */
  readonly version?: 'original' | 'latest';
  readonly ids: readonly string[];
  readonly reason?: string;
  /** Run the undo steps of what has succeeded, last success first. */
  readonly compensate?: boolean;
}

export interface CancelInstanceBody {
  readonly reason?: string;
  /** Run the undo steps of what has succeeded, last success first. */
  readonly compensate?: boolean;
}

export interface DecisionBody {
  readonly decision: 'approved' | 'rejected';
  /** What goes with the decision: any JSON; with `approved` it must fit the approval's `schema`. */
  readonly data?: unknown;
}

export interface ProgressBody {
  /** How far it is. */
  readonly percent?: number;
  /** For people. */
  readonly message?: string;
  /** Any JSON, 16 KiB at most. */
  readonly data?: unknown;
}

export interface RetryBody {
  /** Where to go on: "failed", {"stepId": "..."} or {"path": "..."} of a task. */
  readonly from?: unknown;
  /** Another input; the old one when left out. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Outputs by step id or path, taken as given instead of doing those steps. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** The version that the instance ran on, or the newest one. */
  readonly version?: 'original' | 'latest';
  /** Says what would be kept and done again, and starts nothing. */
  readonly dryRun?: boolean;
}

export interface ArchivePurgeBody {
  /** RFC 3339, a moment that has passed: what ended before it. */
  readonly before: string;
  /** Instances of this DAG alone. */
  readonly dagId?: string;
}

export interface DebugRunBody {
  /** A definition, which is not saved; its JSON Schema is at GET /schemas/dag.json. Or give `dagId`. */
  readonly dag?: Readonly<Record<string, unknown>>;
  /** A DAG that stands, also a stopped one. Or give `dag`. */
  readonly dagId?: string;
  /** An older version of the DAG; the newest when left out. */
  readonly version?: string;
  /** What the trigger's fields take. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Ids of steps, nested ones too: the run stops before each. */
  readonly breakpoints?: readonly string[];
  /** Outputs by step id: these steps are not carried out, and give this. */
  readonly pins?: Readonly<Record<string, unknown>>;
  /** Operators that may change the world are not called: their output tells what they would have done. */
  readonly dryRun?: boolean;
  /** When the run is cancelled and goes away: ISO 8601, at most P1D; PT1H when left out. */
  readonly expiresIn?: string;
}

export interface DebugStepBody {
  /** One step with an operator that is called: an action, no trigger and no construct. */
  readonly step: Readonly<Record<string, unknown>>;
  /** What the step finds around it: `steps` (outputs by step id, of the trigger too), `vars`, `trigger` (an object each). */
  readonly context?: Readonly<Record<string, unknown>>;
  /** An operator that may change the world is not called: the output tells what it would have done. */
  readonly dryRun?: boolean;
}

export interface NewSecretBody {
  /** Read in flows as `{{secrets.name}}`. */
  readonly name: string;
  /** Goes in and never comes out of this API. */
  readonly value: string;
  /** Hosts that it may be sent to: `api.example.com` or `*.example.com`. Nowhere when left out. */
  readonly hosts?: readonly string[];
}

export interface SecretContentBody {
  /** Goes in and never comes out of this API. */
  readonly value: string;
  /** Hosts that it may be sent to: `api.example.com` or `*.example.com`. Nowhere when left out. */
  readonly hosts?: readonly string[];
}

export interface NewVariableBody {
  /** Read in flows as `{{variables.name}}`. */
  readonly name: string;
  /** Any JSON value. */
  readonly value: unknown;
}

export interface VariableContentBody {
  /** Any JSON value. */
  readonly value: unknown;
}

export interface RotateBody {
  /** How long the secret until now signs beside the new one: ISO 8601, at most P30D; PT0S ends it at once. */
  readonly overlap?: string;
}

export interface TriggerBody {
  /** It stays what it is: another kind is another trigger. */
  readonly kind: 'manual' | 'form' | 'cron' | 'webhook' | 'event' | 'dag';
  /** For people. */
  readonly name?: string;
  readonly enabled?: boolean;
  /** What its kind needs; docs/triggers.md has each kind. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The start's `data`, with expressions that read `event` and `trigger`; the event's own data when null. */
  readonly input?: Readonly<Record<string, unknown>> | null;
  /** An expression; what it is not true of starts nothing. */
  readonly filter?: string | null;
  /** A text with expressions; of events with the same value one starts a run. */
  readonly dedupeKey?: string | null;
  /** How many of its runs go on at once, and what happens to one more: `{max, onFull}`, onFull queue, queueOne, reject, cancelOldest, cancelOthers. */
  readonly concurrency?: Readonly<Record<string, unknown>> | null;
}

export interface PreviewBody {
  /** What a trigger of kind `cron` has as its `config`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** How many times to come. */
  readonly n?: number;
}

export interface FireBody {
  /** The event's `data`, which has to fit the form of the trigger; of a schedule `{scheduledAt}` when absent. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** The name of a saved input, in the place of `data`. */
  readonly input?: string;
}

export interface BackfillBody {
  /** RFC 3339; fire times from here on. */
  readonly from: string;
  /** RFC 3339; fire times before this. */
  readonly to: string;
  /** Shows the times and starts nothing. */
  readonly dryRun?: boolean;
  /** Of its runs, so many at once. */
  readonly maxParallel?: number;
}

export interface SavedInputBody {
  /** Letters, digits, blanks and _.- in any language, the first one a letter or a digit. */
  readonly name: string;
  /** It has to fit the form of the trigger. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface NewTokenBody {
  /** What the token is for. */
  readonly name: string;
  readonly permissions: readonly (
    | 'dag.view'
    | 'dag.create'
    | 'dag.modify'
    | 'dag.delete'
    | 'dag.run'
    | 'dag.debug'
    | 'instance.view'
    | 'instance.cancel'
    | 'instance.pause'
    | 'instance.retry'
    | 'instance.purge'
    | 'approval.decide'
    | 'trigger.view'
    | 'trigger.manage'
    | 'trigger.fire'
    | 'file.upload'
    | 'operator.view'
    | 'secret.view'
    | 'secret.manage'
    | 'variable.view'
    | 'variable.manage'
    | 'webhook_secret.view'
    | 'webhook_secret.manage'
    | 'dead_letter.view'
    | 'dead_letter.manage'
    | 'token.manage'
    | 'audit.view'
    | 'platform.admin'
  )[];
  /** Business domains that it speaks for; ["*"] means all. The one of this request when left out. */
  readonly domains?: readonly string[];
  /** How long it lives, ISO 8601; P90D when left out, at most P365D. */
  readonly lifetime?: string;
  /** Whom it speaks for; another principal than your own needs platform.admin. */
  readonly principal?: string;
}

export interface RedriveBody {
  readonly ids?: readonly string[];
  /** Callbacks, the newest 200 that fit: by `instanceId`, by `host`, by both; {} is all. Firings: by `triggerId` all of it, by `{kind: "firing"}` the newest 200. */
  readonly filter?: Readonly<Record<string, unknown>>;
}

export interface ChangeBody {
  /** Of a callback: where it is to go from now on; the whole address. */
  readonly url?: string;
  /** Of a firing: its event's `data` from now on. */
  readonly data?: unknown;
}

/** What went wrong (RFC 9457). `code` is stable; `errors` names every fault with a JSON pointer into the request. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly instance: string;
  readonly requestId: string;
  readonly errors?: readonly {
    readonly pointer: string;
    readonly code: string;
    readonly message: string;
  }[];
}
